// Backtests over HTTP: begin one, look how far it is, cancel it.
import { backtest, backtestList, backtestRequest } from '@tidewatch/api/backtest.ts'
import { z } from 'zod'
import { defineRoute, type Route } from '../../http/port.ts'
import type { Backtests } from './backtests.ts'

const path = '/api/tidewatch/v1/alerts/backtests'
const idParams = z.object({ id: z.uuid() })
// to try is to ask, and changes nothing
const common = { permission: 'view', errors: 'tidewatch' } as const

export function createBacktestRoutes(backtests: Backtests): Route[] {
  return [
    defineRoute({
      ...{ ...common, method: 'POST', path, bodyKind: 'json', body: backtestRequest, response: backtest },
      summary: 'Runs rules over the past, through routes, silences and schedules: what would have been told to whom',
      handle: ({ body, identity }) => ({ status: 202, body: backtests.begin(body, identity.name) }),
    }),
    defineRoute({
      ...{ ...common, method: 'GET', path, response: backtestList },
      summary: 'Backtests since the start, the newest first',
      handle: () => ({ body: { backtests: backtests.list() } }),
    }),
    defineRoute({
      ...{ ...common, method: 'GET', path: `${path}/:id`, params: idParams, response: backtest },
      summary: 'One backtest: how far it is, or its report',
      handle: ({ params }) => ({ body: backtests.find(params.id) }),
    }),
    defineRoute({
      ...{ ...common, method: 'DELETE', path: `${path}/:id`, params: idParams },
      summary: 'Cancels a backtest, or forgets one that is over',
      handle: ({ params }) => {
        backtests.remove(params.id)
        return { status: 204 }
      },
    }),
  ]
}
