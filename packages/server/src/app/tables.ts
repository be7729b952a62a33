// Every table there is: rows that change, and telemetry.
import { acknowledgeState } from '../alerting/acknowledge/state.ts'
import { dispatchState } from '../alerting/dispatch/state.ts'
import { historyState } from '../alerting/history/state.ts'
import { journalState } from '../alerting/journal.ts'
import { packState } from '../alerting/packs/state.ts'
import { postedState } from '../alerting/posted/state.ts'
import { alertingState } from '../alerting/rules/state.ts'
import { silenceState } from '../alerting/silences/state.ts'
import { accountsTables } from '../features/accounts/state.ts'
import { deletionState } from '../features/deletion/state.ts'
import { drillState } from '../features/drill/state.ts'
import { onCallState } from '../features/oncall/state.ts'
import { pushgatewayState } from '../ingest/receivers/pushgateway/state.ts'
import { notifyState } from '../notify/state.ts'
import type { StateTables } from '../state/port.ts'
import type { TelemetryTable } from '../store/port.ts'
import { metricTables } from '../store/tables/registry.ts'

export const stateTables: readonly StateTables[] = [
  accountsTables,
  acknowledgeState,
  alertingState,
  deletionState,
  dispatchState,
  drillState,
  historyState,
  journalState,
  notifyState,
  onCallState,
  packState,
  postedState,
  pushgatewayState,
  silenceState,
]

export const telemetryTables: readonly TelemetryTable[] = metricTables
