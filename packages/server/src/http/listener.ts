// Opening and closing the port.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AppError } from '@tidewatch/core/error.ts'
import type { InFlight } from './in-flight.ts'

/** The port. Throws `http.cannot_listen`. */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number> {
  // resolved by name it may be ::1 alone, where http://127.0.0.1 finds nobody
  const address = host === 'localhost' ? '127.0.0.1' : host
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error & { code?: string }): void => reject(cannotListen(host, port, error))
    server.once('error', onError)
    server.listen({ host: address, port }, () => {
      server.off('error', onError)
      resolve()
    })
  })
  return (server.address() as AddressInfo).port
}

function cannotListen(host: string, port: number, error: Error & { code?: string }): AppError {
  const say = (message: string, fix: string): AppError =>
    new AppError('http.cannot_listen', message, { fix, cause: error })
  switch (error.code) {
    case 'EADDRINUSE':
      return say(
        `port ${port} on ${host} is taken by another program.`,
        'Stop that one, or give another port by --port.',
      )
    case 'EACCES':
      return say(`this user may not listen on port ${port}.`, 'Give a port from 1024 on by --port.')
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return say(`${host} is not an address of this machine.`, 'Give one by --host: 127.0.0.1, or 0.0.0.0 for all.')
    default:
      return say(`listening on ${host} port ${port} failed: ${error.message}`, 'Check --host and --port.')
  }
}

/** What a person on this machine types. */
export function ownUrl(host: string, port: number, isTls: boolean): string {
  const name = host === '0.0.0.0' || host === '::' || host === '' ? 'localhost' : host
  return `${isTls ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** Nobody new; those who are there may finish, then are ended. */
export async function stop(server: Server, inFlight: InFlight, drainMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  await inFlight.drained(drainMs)
  inFlight.abortAll(new AppError('internal.stopping', 'the server is stopping.', { fix: 'Try again in a moment.' }))
  await inFlight.drained(500)
  server.closeAllConnections()
  await closed
}
