// How a receiver's server is reached: `http_config`, `tls_config`.
import { StructForm, type Values } from '@tidewatch/yaml/form.ts'
import { checkHttp, httpFields, tls } from '@tidewatch/yaml/http-client.ts'
import { Sealed, sealed } from './values.ts'

const httpForm = new StructForm(httpFields, { check: checkHttp })

/** An `http_config`; its plain text is for the HTTP client alone. */
export type HttpConfig = Sealed<Values<typeof httpFields>>

export const httpConfig = sealed(httpForm)
export const tlsConfig = sealed(tls)

export const defaultHttpConfig = (): HttpConfig => new Sealed(httpForm.initial())

export const hasAuthorization = (config: HttpConfig | undefined): boolean =>
  config?.reveal().authorization !== undefined

/** The same with a bearer token, given as text or as a file that has it. */
export function withBearer(config: HttpConfig, token: { readonly text: string; readonly file: string }): HttpConfig {
  const authorization = { type: 'Bearer', credentials: token.text, credentials_file: token.file, credentials_ref: '' }
  return new Sealed({ ...config.reveal(), authorization })
}
