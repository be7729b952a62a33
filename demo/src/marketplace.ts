// A small marketplace to be watched: an Express API with prom-client's metrics, business gauges, and now and then a bad hour.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type NextFunction, type Request, type Response } from 'express'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Incidents } from './incidents.ts'

export interface Marketplace extends AsyncDisposable {
  readonly url: string
}

interface Listing {
  readonly id: number
  readonly title: string
  readonly priceCents: number
}

function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    requests: new Counter({
      name: 'market_http_requests_total',
      help: 'HTTP requests.',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    seconds: new Histogram({
      name: 'market_http_request_duration_seconds',
      help: 'Time to answer a request.',
      labelNames: ['method', 'route'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    orders: new Counter({
      name: 'market_orders_total',
      help: 'Orders by outcome.',
      labelNames: ['outcome'],
      registers,
    }),
    alerts: new Counter({
      name: 'market_alerts_received_total',
      help: 'Notifications this API has received.',
      labelNames: ['status'],
      registers,
    }),
    activeUsers: new Gauge({
      name: 'market_active_users',
      help: 'Users with a request in the last minutes.',
      registers,
    }),
    listings: new Gauge({ name: 'market_listings', help: 'Listings that can be bought.', registers }),
    escrow: new Gauge({ name: 'market_escrow_tvl_ton', help: 'TON held in escrow.', registers }),
  }
}

type Metrics = ReturnType<typeof createMetrics>

/** Starts the API on a port of the loopback address; 0 takes a free one. */
export async function startMarketplace(port: number, incidents: Incidents): Promise<Marketplace> {
  const metrics = createMetrics()
  const business = setInterval(() => moveBusiness(metrics), 2000)
  const server = await listen(createApi(metrics, incidents), port)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      clearInterval(business)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function createApi(metrics: Metrics, incidents: Incidents): express.Express {
  const api = express()
  const listings: Listing[] = Array.from({ length: 40 }, (_, id) => ({
    id,
    title: `Listing ${id}`,
    priceCents: 500 + id * 37,
  }))
  api.use(express.json({ limit: '1mb' }))
  api.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
  api.post('/hooks/alerts', (request: Request, response: Response) => {
    metrics.alerts.inc({ status: String((request.body as { status?: unknown }).status) })
    response.status(204).end()
  })
  api.use(measured(metrics))
  api.use((_request: Request, _response: Response, next: NextFunction) => void setTimeout(next, incidents.latencyMs()))
  api.get('/api/listings', (_request, response) => void response.json(listings))
  api.get('/api/listings/:id', (request, response) => {
    const listing = listings[Number(request.params.id)]
    if (listing === undefined) response.status(404).json({ error: 'no such listing' })
    else response.json(listing)
  })
  api.post('/api/orders', (_request, response) => {
    const outcome = incidents.orderFails() ? 'failed' : 'paid'
    metrics.orders.inc({ outcome })
    if (outcome === 'failed') response.status(502).json({ error: 'the payment provider did not answer' })
    else response.status(201).json({ ok: true })
  })
  api.get('/healthz', (_request, response) => void response.json({ status: 'ok' }))
  return api
}

/** Counts and times each answer under its route, not its path: ids must not become label values. */
function measured(metrics: Metrics) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const end = metrics.seconds.startTimer()
    response.on('finish', () => {
      const { path } = (request.route ?? { path: 'unmatched' }) as { readonly path: string }
      end({ method: request.method, route: path })
      metrics.requests.inc({ method: request.method, route: path, status: String(response.statusCode) })
    })
    next()
  }
}

function moveBusiness(metrics: Metrics): void {
  const hour = Date.now() / 3_600_000
  const wave = Math.sin(hour * Math.PI)
  metrics.activeUsers.set(Math.round(120 + 60 * wave + Math.random() * 8))
  metrics.listings.set(Math.round(900 + 25 * wave))
  metrics.escrow.set(Number((42_000 + 900 * wave + Math.random() * 40).toFixed(2)))
}

function listen(api: express.Express, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = api.listen(port, '127.0.0.1', (error?: Error) =>
      error === undefined ? resolve(server) : reject(error),
    )
  })
}
