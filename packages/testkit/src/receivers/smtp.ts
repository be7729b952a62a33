// A mail server: STARTTLS or TLS from the first byte, sign-in, recipients whom it refuses.
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  /** The message as it came: headers, an empty line, the body. */
  readonly raw: string
  readonly isEncrypted: boolean
  readonly user: string | undefined
}

export interface MailServerOptions {
  readonly tls: { readonly cert: string; readonly key: string }
  /** TLS from the first byte. */
  readonly implicit?: boolean
  /** Without STARTTLS. */
  readonly plain?: boolean
  readonly account?: { readonly user: string; readonly password: string }
  readonly methods?: readonly string[]
  /** The reply to a recipient, such as 550 or 450; undefined takes them. */
  readonly refuses?: (address: string) => { readonly code: number; readonly text: string } | undefined
}

export interface MailServer extends AsyncDisposable {
  readonly port: number
  readonly mails: readonly Mail[]
}

export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const mails: Mail[] = []
  const { account, refuses, implicit = false, plain = false } = options
  const server = new SMTPServer({
    ...options.tls,
    secure: implicit,
    disabledCommands: [...(plain || implicit ? ['STARTTLS'] : []), ...(account === undefined ? ['AUTH'] : [])],
    authMethods: [...(options.methods ?? ['PLAIN', 'LOGIN'])],
    authOptional: account === undefined,
    allowInsecureAuth: plain,
    logger: false,
    closeTimeout: 100,
    onAuth(auth, _session, done) {
      const fits =
        auth.username === account?.user &&
        (auth.method === 'CRAM-MD5'
          ? auth.validatePassword(account?.password ?? '')
          : auth.password === account?.password)
      if (fits) done(null, { user: auth.username ?? '' })
      else done(new Error('Invalid username or password'))
    },
    onRcptTo({ address }, _session, done) {
      const reply = refuses?.(address)
      if (reply === undefined) done()
      else done(Object.assign(new Error(reply.text), { responseCode: reply.code }))
    },
    onData(stream, session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(parts).toString('utf8'),
          isEncrypted: session.secure,
          user: typeof session.user === 'string' ? session.user : undefined,
        })
        done(null, 'kept')
      })
    },
  })
  // a client that does not trust the certificate ends the handshake
  server.on('error', () => undefined)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    mails,
    [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())),
  }
}
