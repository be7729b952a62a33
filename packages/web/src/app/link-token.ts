import { useState } from 'react'

const path = '/sign-in'

/** The token of `/sign-in#token=…`, or undefined. It stands behind the # so that it reaches no server's log. */
export function tokenFromLocation(pathname: string, hash: string): string | undefined {
  if (pathname !== path) return undefined
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token')
  return token === null || token === '' ? undefined : token
}

/** The token of a one-time link, taken out of the address at once, so that it stays in no history. */
export function useLinkToken(): { readonly token: string | undefined; readonly forget: () => void } {
  const [token, setToken] = useState(takeToken)
  return { token, forget: () => setToken(undefined) }
}

function takeToken(): string | undefined {
  const token = tokenFromLocation(location.pathname, location.hash)
  if (location.pathname === path) history.replaceState(null, '', '/')
  return token
}
