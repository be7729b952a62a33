import type { UseQueryResult } from '@tanstack/react-query'
import type { Loadable } from '../ui/loaded.tsx'
import { problemOf } from './client.ts'

/** A query's result as `Loaded` wants it. */
export function toLoadable<T>(result: UseQueryResult<T>): Loadable<T> {
  return {
    data: result.data,
    dataAtMs: result.dataUpdatedAt,
    problem: result.error === null ? undefined : problemOf(result.error),
    asking: result.isFetching,
    askAgain: () => void result.refetch(),
  }
}
