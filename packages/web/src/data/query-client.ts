import { keepPreviousData, MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiFailure } from './client.ts'
import { sessionKey } from './session.ts'

/** One for the page: polling stops when hidden, a 401 anywhere asks who is signed in, bad input is not tried again. */
export function createQueryClient(): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof ApiFailure && error.kind === 'signed_out')
      void client.invalidateQueries({ queryKey: sessionKey })
  }
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: (error, query) => query.queryKey[0] !== sessionKey[0] && onError(error) }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        placeholderData: keepPreviousData,
        retry: (count, error) => count < 1 && error instanceof ApiFailure && error.retryable,
        retryDelay: 1000,
        refetchIntervalInBackground: false,
        staleTime: 2000,
        gcTime: 300_000,
        // the server is what matters, not whether the device believes to be online: Tidewatch often runs on localhost
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
  return client
}
