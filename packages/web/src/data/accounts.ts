// Sessions, users, tokens, ingest keys, the audit log: lists to read and what changes them.
import { queryOptions } from '@tanstack/react-query'
import {
  auditList,
  createdIngestKey,
  createdToken,
  createdUser,
  ingestKeyList,
  type Role,
  sessionList,
  signInLink,
  type TokenScope,
  tokenList,
  userList,
} from '@tidewatch/api/accounts.ts'
import { z } from 'zod'
import { callOurs } from './client.ts'
import { sessionKey } from './session.ts'
import { useChange } from './use-change.ts'

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: async ({ signal }) => (await callOurs('/sessions', { schema: sessionList, signal })).sessions,
})
export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: async ({ signal }) => (await callOurs('/users', { schema: userList, signal })).users,
})
export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async ({ signal }) => (await callOurs('/tokens', { schema: tokenList, signal })).tokens,
})
export const ingestKeysQuery = queryOptions({
  queryKey: ['ingest-keys'],
  queryFn: async ({ signal }) => (await callOurs('/keys', { schema: ingestKeyList, signal })).keys,
})
export const auditQuery = queryOptions({
  queryKey: ['audit'],
  queryFn: async ({ signal }) => (await callOurs('/audit?limit=200', { schema: auditList, signal })).entries,
})

const nothing = z.unknown()

export const useChangePassword = () =>
  useChange(
    (input: { current?: string; password: string }) =>
      callOurs('/session/password', { method: 'PUT', body: input, schema: nothing }),
    [...sessionKey],
  )

export const useEndSession = () =>
  useChange(
    (id: string) => callOurs(`/sessions/${encodeURIComponent(id)}`, { method: 'DELETE', schema: nothing }),
    ['sessions'],
  )

export const useCreateUser = () =>
  useChange(
    (input: { name: string; role: Role }) => callOurs('/users', { method: 'POST', body: input, schema: createdUser }),
    ['users'],
  )

export const useChangeUser = () =>
  useChange(
    ({ id, ...body }: { id: string; role?: Role; disabled?: boolean }) =>
      callOurs(`/users/${encodeURIComponent(id)}`, { method: 'PATCH', body, schema: nothing }),
    ['users'],
  )

export const useUserLink = () =>
  useChange(
    (id: string) => callOurs(`/users/${encodeURIComponent(id)}/link`, { method: 'POST', schema: signInLink }),
    [],
  )

export const useCreateToken = () =>
  useChange(
    (input: { name: string; scopes: TokenScope[]; expiresAtMs: number | null }) =>
      callOurs('/tokens', { method: 'POST', body: input, schema: createdToken }),
    ['tokens'],
  )

export const useEndToken = () =>
  useChange(
    (id: string) => callOurs(`/tokens/${encodeURIComponent(id)}`, { method: 'DELETE', schema: nothing }),
    ['tokens'],
  )

export const useCreateIngestKey = () =>
  useChange(
    (name: string) => callOurs('/keys', { method: 'POST', body: { name }, schema: createdIngestKey }),
    ['ingest-keys'],
  )

export const useEndIngestKey = () =>
  useChange(
    (id: string) => callOurs(`/keys/${encodeURIComponent(id)}`, { method: 'DELETE', schema: nothing }),
    ['ingest-keys'],
  )
