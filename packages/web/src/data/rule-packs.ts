// Ready rules: which there are, and what is switched on.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { rulePack, rulePackList } from '@tidewatch/api/rule-packs.ts'
import { callOurs } from './client.ts'

const path = '/rule-packs'

export const rulePacksQuery = queryOptions({
  queryKey: ['rule-packs'],
  queryFn: async ({ signal }) => (await callOurs(path, { schema: rulePackList, signal })).packs,
})

export const packBacktestPath = (name: string): string => `${path}/${encodeURIComponent(name)}/backtest`

export interface PackChange {
  readonly name: string
  readonly enabled: boolean
  readonly parameters: Readonly<Record<string, string>>
}

export function useChangePack(onChanged: (change: PackChange) => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ name, enabled, parameters }: PackChange) =>
      callOurs(`${path}/${encodeURIComponent(name)}`, {
        method: 'PUT',
        body: { enabled, parameters },
        schema: rulePack,
      }),
    onSuccess: async (_, change) => {
      await client.invalidateQueries({ queryKey: rulePacksQuery.queryKey })
      void client.invalidateQueries({ queryKey: ['rules'] })
      onChanged(change)
    },
  })
}
