// What the suites of accounts start: the routes behind real HTTP, a probe for each permission, a clock that can be turned.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@tidewatch/core/clock.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { defineRoute, type Permission } from '../../http/port.ts'
import { type CallOptions, type ServedForTest, serveForTest } from '../../http/testing/serve.ts'
import { createLogger } from '../../self/logger.ts'
import { createTaskGroup } from '../../self/task-group.ts'
import { createStateStore } from '../../state/store.ts'
import { createAccounts } from './accounts.ts'
import { createAccountsCommands } from './commands.ts'
import type { AccountsCommands } from './port.ts'
import { accountsTables } from './state.ts'

export const api = '/api/tidewatch/v1'
export const password = 'correct horse battery'

export interface Started extends AsyncDisposable {
  readonly served: ServedForTest
  readonly clock: FakeClock
  /** Days pass, but no timer between: as on a machine that slept. */
  jump(ms: number): void
  nowMs(): number
  readonly commands: AccountsCommands
  readonly firstUrl: string | undefined
  again(): Promise<string | undefined>
  call(
    method: string,
    path: string,
    options?: { body?: unknown; as?: string; headers?: Record<string, string> },
  ): ReturnType<ServedForTest['call']>
  /** Redeems a link's token and answers the cookie. */
  enter(token: string): Promise<string>
}

const probe = (permission: Permission) =>
  defineRoute({
    method: 'GET',
    path: `/probe/${permission}`,
    permission,
    errors: 'tidewatch',
    summary: '',
    handle: ({ identity }) => ({ body: { kind: identity.kind, name: identity.name, project: identity.project } }),
  })

/** Accounts behind HTTP on a free port, under a fake clock. */
export async function startOn(databaseUrl: string | undefined, { auth = true } = {}): Promise<Started> {
  const stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'tidewatch-accounts-'))
  stack.defer(() => rm(dataDir, { recursive: true }))
  const time = new FakeClock()
  let jumpedMs = 0
  const clock: Clock = {
    nowMs: () => time.nowMs() + jumpedMs,
    monotonicMs: () => time.monotonicMs(),
    sleep: (ms, options) => time.sleep(ms, options),
  }
  const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
  const state = stack.use(
    await createStateStore({ dataDir, databaseUrl, env: {}, features: [accountsTables], clock, logger }),
  )
  const tasks = stack.use(createTaskGroup({ clock, logger, onFatal: () => undefined }))
  const accounts = createAccounts({ state, clock, tasks, auth, url: () => 'http://127.0.0.1:4900' })
  const routes = [...accounts.routes, probe('ingest'), probe('view'), probe('edit'), probe('admin')]
  const served = stack.use(await serveForTest(routes, { authenticator: accounts.authenticator }))
  const call: Started['call'] = (method, path, { body, as, headers = {} } = {}) => {
    const credentials: Record<string, string> =
      as === undefined ? {} : as.startsWith('tw') ? { authorization: `Bearer ${as}` } : { cookie: as }
    const options: CallOptions = {
      method,
      headers: { ...credentials, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }
    return served.call(path, options)
  }
  const enter = async (token: string): Promise<string> => {
    const answer = await call('POST', `${api}/session/link`, { body: { token } })
    return String(answer.headers['set-cookie']).split(';')[0] as string
  }
  return {
    served,
    clock: time,
    nowMs: () => clock.nowMs(),
    jump: (ms) => {
      jumpedMs += ms
    },
    commands: createAccountsCommands({ state, clock }),
    firstUrl: await accounts.firstSignInUrl(),
    again: () => accounts.firstSignInUrl(),
    call,
    enter,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

export const tokenOf = (url: string | undefined): string => (url ?? '').split('#token=')[1] ?? ''

/** Starts accounts on a database of their own. */
export type Start = (options?: { readonly auth: boolean }) => Promise<Started>
