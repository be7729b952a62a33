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
import { deployState } from '../features/deploys/state.ts'
import { drillState } from '../features/drill/state.ts'
import { logArchiveState } from '../features/log-archive/state.ts'
import { logSearchState } from '../features/log-searches/state.ts'
import { logSettingsState } from '../features/log-settings/state.ts'
import { onCallState } from '../features/oncall/state.ts'
import { filesState } from '../ingest/files/state.ts'
import { cloudwatchState } from '../ingest/receivers/cloudwatch/names.ts'
import { elasticsearchState } from '../ingest/receivers/elasticsearch/state.ts'
import { pushgatewayState } from '../ingest/receivers/pushgateway/state.ts'
import { notifyState } from '../notify/state.ts'
import type { StateTables } from '../state/port.ts'
import type { TelemetryTable } from '../store/port.ts'
import { logTables, metricTables } from '../store/tables/registry.ts'

export const stateTables: readonly StateTables[] = [
  accountsTables,
  acknowledgeState,
  alertingState,
  cloudwatchState,
  deletionState,
  deployState,
  dispatchState,
  drillState,
  filesState,
  elasticsearchState,
  historyState,
  journalState,
  logArchiveState,
  logSearchState,
  logSettingsState,
  notifyState,
  onCallState,
  packState,
  postedState,
  pushgatewayState,
  silenceState,
]

export const telemetryTables: readonly TelemetryTable[] = [...metricTables, ...logTables]
