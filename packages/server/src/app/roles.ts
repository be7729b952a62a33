// Which parts of the product this process runs. The same program runs as several, which share ClickHouse and Postgres alone.
import type { Role, ServeOptions } from '../config/port.ts'

export interface Roles {
  /** Takes samples in: receivers, scraping, host and own metrics. */
  readonly ingests: boolean
  /** Answers queries over HTTP. Rules ask inside, whatever this says. */
  readonly answers: boolean
  readonly evaluatesRules: boolean
  /** Whether this process sees every sample that comes in. Only then its head may answer; else queries ask the store alone. */
  readonly isAlone: boolean
}

export function rolesOf({ role }: Pick<ServeOptions, 'role'>): Roles {
  const isAlone = role.includes('all')
  const has = (one: Role): boolean => isAlone || role.includes(one)
  return { ingests: has('ingest'), answers: has('query'), evaluatesRules: has('rules'), isAlone }
}
