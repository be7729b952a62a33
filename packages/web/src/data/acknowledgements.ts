// Who has which alert, and taking one: at once, without a question, with Undo.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { acknowledgementList } from '@tidewatch/api/acknowledgements.ts'
import { z } from 'zod'
import { useToast } from '../ui/toasts.tsx'
import { alertsKey } from './alerts.ts'
import { ApiFailure, callOurs, problemOf } from './client.ts'
import { useMay } from './session.ts'

const path = '/alerts/acknowledgements'

export interface Taking {
  readonly take: (fingerprints: readonly string[]) => void
  readonly giveBack: (fingerprints: readonly string[]) => void
  /** It was asked for and is not done. */
  readonly pending: boolean
  /** The server was not reached: it is sent as soon as it is. */
  readonly willBeSent: boolean
  /** Whether the one who is signed in may. */
  readonly may: boolean
}

/** Taking and giving back, with words bottom left. */
export function useTaking(): Taking {
  const client = useQueryClient()
  const toast = useToast()
  const may = useMay('editor')
  const settle = () => client.invalidateQueries({ queryKey: alertsKey })
  const back = useMutation({
    mutationFn: giveBackAll,
    onSuccess: (_, { length }) => toast({ text: length === 1 ? 'It is open again.' : `${length} are open again.` }),
    onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }),
    onSettled: settle,
  })
  const take = useMutation({
    mutationFn: async (fingerprints: readonly string[]) =>
      (await callOurs(path, { method: 'POST', body: { fingerprints, via: 'page' }, schema: acknowledgementList }))
        .acknowledgements,
    // at a place without a network it waits for one
    retry: (_, error) => error instanceof ApiFailure && error.kind === 'unreachable',
    retryDelay: 3000,
    onSuccess: (taken) => {
      if (taken.length === 0) {
        toast({ text: 'Somebody has it already, or it has ended.' })
        return
      }
      const undo = () => back.mutate(taken.map(({ fingerprint }) => fingerprint))
      toast({ text: taken.length === 1 ? 'You have it.' : `You have ${taken.length} alerts.`, undo })
    },
    onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }),
    onSettled: settle,
  })
  return {
    take: (fingerprints) => take.mutate(fingerprints),
    giveBack: (fingerprints) => back.mutate(fingerprints),
    pending: take.isPending,
    willBeSent: take.isPending && take.failureCount > 0,
    may,
  }
}

/** Calls at a time. */
const lanes = 6

async function giveBackAll(fingerprints: readonly string[]): Promise<void> {
  const rest = fingerprints.values()
  const work = async () => {
    for (const fingerprint of rest) await giveBackOne(fingerprint)
  }
  await Promise.all(Array.from({ length: Math.min(lanes, fingerprints.length) }, work))
}

async function giveBackOne(fingerprint: string): Promise<void> {
  try {
    await callOurs(`${path}/${fingerprint}`, { method: 'DELETE', schema: z.unknown() })
  } catch (error) {
    // it has ended meanwhile, and with it the acknowledgement
    if (!(error instanceof ApiFailure) || error.status !== 404) throw error
  }
}
