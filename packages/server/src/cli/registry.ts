import { alertsAck } from './alerts-ack.ts'
import { alertsBacktest } from './alerts-backtest.ts'
import { alertsWhy } from './alerts-why.ts'
import { check } from './check.ts'
import { checkAlertmanager } from './check-alertmanager.ts'
import { checkMetrics } from './check-metrics.ts'
import { checkRules } from './check-rules.ts'
import type { Command } from './command.ts'
import { drillRunCommand } from './drill-run.ts'
import { importPrometheus } from './import-prometheus.ts'
import { logs } from './logs.ts'
import { logsArchive } from './logs-archive.ts'
import { notifyLog } from './notify-log.ts'
import { notifyTest } from './notify-test.ts'
import { oncallWho } from './oncall-who.ts'
import { pipelineTest } from './pipeline-test.ts'
import { push } from './push.ts'
import { pushMetrics } from './push-metrics.ts'
import { query } from './query.ts'
import { redact } from './redact.ts'
import { rulesBackfill } from './rules-backfill.ts'
import { rulesPacks } from './rules-packs.ts'
import { serve } from './serve.ts'
import { state } from './state.ts'
import { templateRender } from './template-render.ts'
import { testRules } from './test-rules.ts'
import { token } from './token.ts'
import { user } from './user.ts'
import { version } from './version.ts'

/** Every command, in the order of `--help`. */
export const commands: readonly Command[] = [
  serve,
  check,
  checkRules,
  checkMetrics,
  checkAlertmanager,
  testRules,
  templateRender,
  query,
  logs,
  logsArchive,
  importPrometheus,
  rulesBackfill,
  rulesPacks,
  alertsAck,
  alertsBacktest,
  alertsWhy,
  notifyTest,
  notifyLog,
  oncallWho,
  drillRunCommand,
  pipelineTest,
  redact,
  push,
  pushMetrics,
  user,
  token,
  state,
  version,
]
