// How a receiver's server is reached: `http_config`, `tls_config`.
import { resolve } from 'node:path'
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

/** The same with names of files that are relative to a directory. */
export function inDirectory(config: HttpConfig, directory: string): HttpConfig {
  return new Sealed(resolved(config.reveal(), directory))
}

/** Every `*_file` below, and the files of headers. */
function resolved<V extends object>(values: V, directory: string): V {
  const join = (name: string): string => (name === '' ? '' : resolve(directory, name))
  const entries = Object.entries(values).map(([key, value]: [string, unknown]) => {
    if (typeof value === 'string' && key.endsWith('_file')) return [key, join(value)]
    if (key === 'files' && Array.isArray(value)) return [key, value.map((name: string) => join(name))]
    if (value instanceof Map)
      return [key, new Map([...value].map(([name, one]) => [name, isStruct(one) ? resolved(one, directory) : one]))]
    return [key, isStruct(value) ? resolved(value, directory) : value]
  })
  return Object.fromEntries(entries) as V
}

const isStruct = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
