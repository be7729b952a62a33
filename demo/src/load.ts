// Customers of the marketplace: a steady, slightly uneven stream of requests.

const requests = [
  { weight: 6, method: 'GET', path: () => '/api/listings' },
  { weight: 8, method: 'GET', path: () => `/api/listings/${Math.floor(Math.random() * 41)}` },
  { weight: 3, method: 'POST', path: () => '/api/orders' },
  { weight: 1, method: 'GET', path: () => '/healthz' },
] as const

const totalWeight = requests.reduce((sum, { weight }) => sum + weight, 0)
const maxInFlight = 50

/** Sends about `perSecond` requests a second until it is disposed of. A failed one is part of the show. */
export function startLoad(url: string, perSecond: number): Disposable {
  const abort = new AbortController()
  let inFlight = 0
  const timer = setInterval(() => {
    if (inFlight >= maxInFlight) return
    inFlight++
    const { method, path } = pick()
    fetch(`${url}${path()}`, { method, signal: AbortSignal.any([abort.signal, AbortSignal.timeout(10_000)]) })
      .then((response) => response.arrayBuffer())
      .catch(() => undefined)
      .finally(() => {
        inFlight--
      })
  }, 1000 / perSecond)
  return {
    [Symbol.dispose]() {
      clearInterval(timer)
      abort.abort()
    },
  }
}

function pick(): (typeof requests)[number] {
  let at = Math.random() * totalWeight
  for (const request of requests) {
    at -= request.weight
    if (at < 0) return request
  }
  return requests[0]
}
