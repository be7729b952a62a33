import type { HttpConfig } from '../http-config/port.ts'
import type { ConfigFiles } from './config-files.ts'

/** What convinces the server, beside a token of oauth2. Files are read each time, as Prometheus does: what is in them may be renewed. */
export async function credentialHeaders(
  config: HttpConfig,
  files: ConfigFiles,
): Promise<Record<string, string | string[]>> {
  const headers: Record<string, string | string[]> = {}
  for (const [name, header] of Object.entries(config.http_headers ?? {})) {
    const fromFiles = await Promise.all(header.files.map((file) => files.text(file)))
    headers[name.toLowerCase()] = [
      ...header.values,
      ...header.secrets.map((secret) => secret.reveal()),
      ...fromFiles.map((text) => text.trim()),
    ]
  }
  const authorization = await authorizationOf(config, files)
  return authorization === undefined ? headers : { ...headers, authorization }
}

async function authorizationOf(config: HttpConfig, files: ConfigFiles): Promise<string | undefined> {
  const { basic_auth: basic, authorization } = config
  if (basic !== undefined) {
    const user = basic.username ?? (await files.trimmed(basic.username_file)) ?? ''
    const password = basic.password?.reveal() ?? (await files.trimmed(basic.password_file)) ?? ''
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  }
  const bearer = config.bearer_token?.reveal() ?? (await files.trimmed(config.bearer_token_file))
  if (bearer !== undefined) return `Bearer ${bearer}`
  const credentials = authorization?.credentials?.reveal() ?? (await files.trimmed(authorization?.credentials_file))
  return authorization === undefined || credentials === undefined ? undefined : `${authorization.type} ${credentials}`
}
