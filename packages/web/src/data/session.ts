import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type Role, type SignedInAnswer, sessionAnswer } from '@tidewatch/api/accounts.ts'
import { z } from 'zod'
import { callOurs } from './client.ts'

export const sessionKey = ['session'] as const

/** Who is signed in; null where nobody is. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: async ({ signal }): Promise<SignedInAnswer | null> => {
    const { user, authRequired } = await callOurs('/session', { schema: sessionAnswer, signal })
    return user === null ? null : { user, authRequired }
  },
  staleTime: 60_000,
  refetchOnWindowFocus: true,
})

const ranks: Record<Role, number> = { viewer: 0, editor: 1, admin: 2 }

/** Tells whether the one who is signed in may do what needs a role. */
export function useRights(): (needed: Role) => boolean {
  const { data } = useQuery(sessionQuery)
  return (needed) => data != null && ranks[data.user.role] >= ranks[needed]
}

/** Whether the one who is signed in may do what needs `role`. */
export function useMay(role: Role): boolean {
  return useRights()(role)
}

export function useSignIn() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (credentials: { name: string; password: string }) =>
      callOurs('/session', { method: 'POST', body: credentials, schema: z.unknown() }),
    onSuccess: () => client.invalidateQueries(),
  })
}

/** Redeems the token of a one-time link: once, though the component may be made twice. */
export function useRedeemLink(token: string, onUsed: () => void) {
  const client = useQueryClient()
  return useQuery({
    queryKey: [...sessionKey, 'link', token],
    queryFn: async () => {
      await callOurs('/session/link', { method: 'POST', body: { token }, schema: z.unknown() })
      await client.cancelQueries({ queryKey: sessionKey, exact: true })
      await client.fetchQuery({ ...sessionQuery, staleTime: 0 })
      onUsed()
      return true
    },
    retry: false,
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

export function useSignOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => callOurs('/session', { method: 'DELETE', schema: z.unknown() }),
    // nothing that the former person saw stays in memory
    onSuccess: () => {
      client.setQueryData(sessionKey, null)
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] })
    },
  })
}
