// The tables of accounts. Of secrets only hashes are kept.
import type { Role } from '@tidewatch/api/accounts.ts'
import type { StateTables } from '../../state/port.ts'

export interface UserRow {
  readonly id: string
  readonly name: string
  /** In small letters and NFC; no two users differ by case alone. */
  readonly name_key: string
  readonly role: Role
  readonly password_hash: string | null
  readonly disabled: number
  readonly created_at_ms: number
  readonly last_sign_in_at_ms: number | null
}

export interface SessionRow {
  readonly id: string
  readonly secret_hash: string
  readonly user_id: string
  readonly created_at_ms: number
  readonly last_seen_at_ms: number
  readonly expires_at_ms: number
  readonly address: string
  readonly agent: string
}

export interface LinkRow {
  readonly secret_hash: string
  readonly user_id: string
  readonly created_at_ms: number
  readonly expires_at_ms: number
}

/** API tokens and ingest keys. */
export interface KeyRow {
  readonly id: string
  readonly kind: 'token' | 'ingest_key'
  readonly name: string
  readonly prefix: string
  readonly secret_hash: string
  /** Comma-separated; of an ingest key `write`. */
  readonly scopes: string
  /** Whose token it is; null for ingest keys and for what the command line made. */
  readonly user_id: string | null
  readonly project: number
  readonly created_at_ms: number
  readonly expires_at_ms: number | null
  readonly last_used_at_ms: number | null
}

export interface AuditRow {
  /** Sorts by time. */
  readonly id: string
  readonly at_ms: number
  readonly who: string
  readonly action: string
  readonly subject: string
  /** JSON. */
  readonly detail: string
}

export interface AccountsTables {
  users: UserRow
  sessions: SessionRow
  sign_in_links: LinkRow
  access_keys: KeyRow
  audit: AuditRow
}

export const accountsTables: StateTables = {
  feature: 'accounts',
  tables: ['users', 'sessions', 'sign_in_links', 'access_keys', 'audit'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('users')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('name', 'text', (column) => column.notNull())
          .addColumn('name_key', 'text', (column) => column.notNull().unique())
          .addColumn('role', 'text', (column) => column.notNull())
          .addColumn('password_hash', 'text')
          .addColumn('disabled', 'integer', (column) => column.notNull())
          .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('last_sign_in_at_ms', 'bigint')
          .execute()
        await db.schema
          .createTable('sessions')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
          .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
          .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('last_seen_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('address', 'text', (column) => column.notNull())
          .addColumn('agent', 'text', (column) => column.notNull())
          .execute()
        await db.schema.createIndex('sessions_by_user').on('sessions').column('user_id').execute()
        await db.schema
          .createTable('sign_in_links')
          .addColumn('secret_hash', 'text', (column) => column.primaryKey())
          .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
          .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('access_keys')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('kind', 'text', (column) => column.notNull())
          .addColumn('name', 'text', (column) => column.notNull())
          .addColumn('prefix', 'text', (column) => column.notNull())
          .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
          .addColumn('scopes', 'text', (column) => column.notNull())
          .addColumn('user_id', 'text', (column) => column.references('users.id').onDelete('cascade'))
          .addColumn('project', 'bigint', (column) => column.notNull())
          .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('expires_at_ms', 'bigint')
          .addColumn('last_used_at_ms', 'bigint')
          .execute()
        await db.schema
          .createTable('audit')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .addColumn('who', 'text', (column) => column.notNull())
          .addColumn('action', 'text', (column) => column.notNull())
          .addColumn('subject', 'text', (column) => column.notNull())
          .addColumn('detail', 'text', (column) => column.notNull())
          .execute()
      },
    },
  ],
}
