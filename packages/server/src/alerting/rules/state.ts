// Alerts of rules and what groups have told, over restarts.
import { Labels } from '@tidewatch/core/labels.ts'
import type { StateStore, StateTables } from '../../state/port.ts'
import type { AlertStateStore } from './group-runner.ts'
import type { ActiveAlert, AlertState, AlertsByKey } from './lifecycle.ts'

export interface AlertingTables {
  readonly alerting_rules: { readonly rule_key: string; readonly evaluated_at_ms: number; readonly alerts: string }
}

export const alertingState: StateTables = {
  feature: 'alerting',
  tables: ['alerting_rules'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('alerting_rules')
          .addColumn('rule_key', 'text', (column) => column.primaryKey())
          .addColumn('evaluated_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('alerts', 'text', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('alerting_groups')
          .addColumn('group_key', 'text', (column) => column.primaryKey())
          .addColumn('told', 'text', (column) => column.notNull())
          .addColumn('told_at_ms', 'bigint', (column) => column.notNull())
          .execute()
      },
    },
    {
      // what groups have told is kept by the dispatcher
      version: 2,
      async up(db) {
        await db.schema.dropTable('alerting_groups').execute()
      },
    },
  ],
}

/** An alert as it is kept: JSON has no infinities and no NaN, so the value is text. */
interface KeptAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly value: string
  readonly state: AlertState
  readonly activeAtMs: number
  readonly firedAtMs?: number
  readonly resolvedAtMs?: number
  readonly keepFiringSinceMs?: number
  readonly lastSentAtMs?: number
}

export function createAlertStates(state: StateStore): AlertStateStore {
  const db = state.database<AlertingTables>()
  return {
    async load(ruleKey) {
      const row = await db.selectFrom('alerting_rules').selectAll().where('rule_key', '=', ruleKey).executeTakeFirst()
      if (row === undefined) return undefined
      const alerts = (JSON.parse(row.alerts) as readonly KeptAlert[]).map(fromKept)
      return {
        alerts: new Map(alerts.map((alert) => [alert.labels.key(), alert])),
        evaluatedAtMs: Number(row.evaluated_at_ms),
      }
    },
    async save(ruleKey, alerts, evaluatedAtMs) {
      if (alerts.size === 0) {
        await db.deleteFrom('alerting_rules').where('rule_key', '=', ruleKey).execute()
        return
      }
      const row = { evaluated_at_ms: evaluatedAtMs, alerts: JSON.stringify(toKept(alerts)) }
      await db
        .insertInto('alerting_rules')
        .values({ rule_key: ruleKey, ...row })
        .onConflict((conflict) => conflict.column('rule_key').doUpdateSet(row))
        .execute()
    },
  }
}

function toKept(alerts: AlertsByKey): object[] {
  return [...alerts.values()].map((alert) => ({
    ...alert,
    labels: alert.labels.toObject(),
    value: String(alert.value),
  }))
}

function fromKept(kept: KeptAlert): ActiveAlert {
  const { firedAtMs, resolvedAtMs, keepFiringSinceMs, lastSentAtMs, ...rest } = kept
  return {
    ...rest,
    labels: Labels.from(kept.labels),
    value: Number(kept.value),
    firedAtMs,
    resolvedAtMs,
    keepFiringSinceMs,
    lastSentAtMs,
  }
}
