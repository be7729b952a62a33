// The stand-in's part below /api/tidewatch/v1: sessions, users, tokens, ingest keys, the audit log, all in memory.
import type { FakeAnswer, FakeRequest, FakeState } from './fake-api.ts'

const minute = 60_000
const ok = (body: unknown): FakeAnswer => ({ status: 200, body })
const failed = (status: number, code: string, message: string, fix?: string): FakeAnswer => ({
  status,
  body: { error: { code, message, fix, requestId: 'fake-request' } },
})

interface Items {
  users: Record<string, unknown>[]
  tokens: Record<string, unknown>[]
  keys: Record<string, unknown>[]
}

const kept = new WeakMap<FakeState, Items>()

function itemsOf(state: FakeState): Items {
  const nowMs = Date.now()
  const items = kept.get(state) ?? {
    users: [
      {
        id: 'u1',
        name: 'mara',
        role: 'admin',
        disabled: false,
        hasPassword: true,
        createdAtMs: nowMs - 90 * 24 * 60 * minute,
        lastSignInAtMs: nowMs - 8 * minute,
      },
      {
        id: 'u2',
        name: 'ilya',
        role: 'editor',
        disabled: false,
        hasPassword: false,
        createdAtMs: nowMs - 3 * 24 * 60 * minute,
        lastSignInAtMs: null,
      },
    ],
    tokens: [
      {
        id: 't1',
        name: 'grafana',
        scopes: ['read'],
        owner: 'mara',
        prefix: 'twt_4be1',
        createdAtMs: nowMs - 5 * 24 * 60 * minute,
        expiresAtMs: null,
        lastUsedAtMs: nowMs - 4000,
      },
    ],
    keys: [
      {
        id: 'k1',
        name: 'cluster',
        project: 0,
        prefix: 'twk_7f3a',
        createdAtMs: nowMs - 5 * 24 * 60 * minute,
        lastUsedAtMs: nowMs - 2000,
      },
    ],
  }
  kept.set(state, items)
  return items
}

export function answerAccounts(request: FakeRequest, state: FakeState): FakeAnswer {
  const path = request.path.slice('/api/tidewatch/v1'.length)
  const body = request.body === '' ? {} : (JSON.parse(request.body) as Record<string, unknown>)
  if (path === '/session' || path === '/session/link') return answerSession(request.method, path, body, state)
  if (!state.signedIn) return failed(401, 'access.signed_out', 'You are signed out')
  if (path === '/session/password')
    return body.current === state.password
      ? { status: 204, body: undefined }
      : failed(403, 'access.denied', 'The current password is not right')
  if (path === '/sessions') return ok({ sessions: sessions() })
  if (path === '/audit')
    return ok({
      entries: [
        { id: '1', atMs: Date.now() - minute, who: 'mara', action: 'token.create', subject: 'grafana', detail: {} },
      ],
    })
  return answerItems(request.method, path, body, itemsOf(state))
}

function answerSession(method: string, path: string, body: Record<string, unknown>, state: FakeState): FakeAnswer {
  const answer = ok({
    user: { id: 'u1', name: 'mara', role: 'admin', hasPassword: true },
    authRequired: state.authRequired,
  })
  if (method === 'GET') return state.signedIn ? answer : ok({ user: null, authRequired: true })
  if (method === 'DELETE') {
    state.signedIn = false
    return { status: 204, body: undefined }
  }
  const right =
    path === '/session/link'
      ? state.linkToken !== undefined && body.token === state.linkToken
      : body.password === state.password
  if (!right) {
    return path === '/session/link'
      ? failed(
          403,
          'access.denied',
          'This link was used already, or is too old',
          'Ask for a new one: npx tidewatch user link NAME',
        )
      : failed(403, 'access.denied', 'Name or password is not right', 'Try again, or ask for a one-time link')
  }
  state.signedIn = true
  if (path === '/session/link') state.linkToken = undefined
  return answer
}

function sessions() {
  const nowMs = Date.now()
  const base = {
    createdAtMs: nowMs - 60 * minute,
    lastSeenAtMs: nowMs,
    expiresAtMs: nowMs + 7 * 24 * 60 * minute,
    address: '127.0.0.1',
  }
  return [
    { ...base, id: 's1', current: true, agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0' },
    {
      ...base,
      id: 's2',
      current: false,
      agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0)',
      lastSeenAtMs: nowMs - 40 * minute,
      address: '10.0.0.7',
    },
  ]
}

function answerItems(method: string, path: string, body: Record<string, unknown>, items: Items): FakeAnswer {
  const [, kind = '', id, action] = path.split('/')
  const list =
    kind === 'users' ? items.users : kind === 'tokens' ? items.tokens : kind === 'keys' ? items.keys : undefined
  if (list === undefined) return failed(404, 'http.not_found', `There is no ${path}`)
  const index = list.findIndex((item) => item.id === id)
  if (method === 'GET') return ok(kind === 'keys' ? { keys: list } : { [kind]: list })
  if (method === 'DELETE') {
    list.splice(index, 1)
    return { status: 204, body: undefined }
  }
  if (method === 'PATCH') {
    Object.assign(list[index] ?? {}, body)
    return ok(list[index])
  }
  const link = { url: 'http://127.0.0.1:4900/sign-in#token=new', expiresAtMs: Date.now() + 60 * minute }
  if (action === 'link') return ok(link)
  const created = {
    id: `n${list.length}`,
    createdAtMs: Date.now(),
    lastUsedAtMs: null,
    project: 0,
    prefix: 'twk_9d0c',
    owner: 'mara',
    expiresAtMs: null,
    disabled: false,
    hasPassword: false,
    lastSignInAtMs: null,
    ...body,
  }
  list.push(created)
  if (kind === 'users') return { status: 201, body: { user: created, link } }
  return {
    status: 201,
    body:
      kind === 'tokens'
        ? { token: created, secret: 'twt_9d0c5e1b48d67f3a' }
        : { key: created, secret: 'twk_9d0c5e1b48d67f3a' },
  }
}
