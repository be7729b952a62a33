// Every kind of rule beside Prometheus's.
import { band } from './band.ts'
import { baseline } from './baseline.ts'
import { condition } from './condition.ts'
import { errors } from './errors.ts'
import { expr } from './expr.ts'
import { forecast } from './forecast.ts'
import { heartbeat } from './heartbeat.ts'
import { logs } from './logs.ts'
import { sql } from './sql.ts'
import { threshold } from './threshold.ts'

export const ruleKinds = [condition, threshold, errors, logs, sql, baseline, band, forecast, heartbeat, expr]
