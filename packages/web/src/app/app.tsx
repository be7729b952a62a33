import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { problemOf } from '../data/client.ts'
import { createQueryClient } from '../data/query-client.ts'
import { sessionQuery } from '../data/session.ts'
import { Failed } from '../ui/loaded.tsx'
import { Toasts } from '../ui/toasts.tsx'
import { useLinkToken } from './link-token.ts'
import { createPageRouter } from './router.tsx'
import { SignIn } from './sign-in.tsx'

const queryClient = createQueryClient()
const router = createPageRouter()

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Toasts>
        <Gate />
      </Toasts>
    </QueryClientProvider>
  )
}

/** Signed out, the sign-in stands where the page would be, so that the address stays and the page comes back after it. */
function Gate() {
  const link = useLinkToken()
  // while a link is redeemed the answer would be that nobody is signed in, and could come after the link's
  const session = useQuery({ ...sessionQuery, enabled: link.token === undefined })
  if (link.token !== undefined) return <SignIn linkToken={link.token} onLinkUsed={link.forget} />
  if (session.data != null) return <RouterProvider router={router} />
  if (session.data === null) return <SignIn />
  if (session.error !== null) {
    return (
      <main className="sign-in">
        <Failed
          problem={problemOf(session.error)}
          asking={session.isFetching}
          askAgain={() => void session.refetch()}
        />
      </main>
    )
  }
  return null
}
