// OpenAPI 3.1 of all routes, made from their schemas, so it cannot be out of date.
import { errorAnswer } from '@tidewatch/api/error.ts'
import { z } from 'zod'
import type { BodyKind, Permission, Route } from './port.ts'

type Json = Record<string, unknown>

const mediaTypes: Readonly<Record<Exclude<BodyKind, 'none'>, string>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  bytes: 'application/octet-stream',
}

export function openApi(
  routes: readonly Route[],
  options: { readonly version: string; readonly externalUrl: string | undefined },
): Json {
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    const path = route.path.replace(/:([A-Za-z0-9_]+)/g, '{$1}').replace(/\*$/, '{path}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Tidewatch', version: options.version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: options.externalUrl ?? '/' }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API token or an ingest key.' },
        basic: {
          type: 'http',
          scheme: 'basic',
          description: 'An API token or an ingest key as the password; any user.',
        },
        session: { type: 'apiKey', in: 'cookie', name: 'tidewatch_session' },
      },
      schemas: { Error: jsonSchema(errorAnswer, 'output') },
    },
  }
}

function operation(route: Route): Json {
  const kind = route.bodyKind ?? (route.body === undefined ? 'none' : 'json')
  return {
    summary: route.summary,
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...(kind === 'none'
      ? {}
      : { requestBody: { required: true, content: { [mediaTypes[kind]]: { schema: bodySchema(route) } } } }),
    responses: {
      ...(route.response === undefined
        ? { 200: { description: 'Done.' } }
        : {
            200: {
              description: 'Done.',
              content: { 'application/json': { schema: jsonSchema(route.response, 'output') } },
            },
          }),
      default: { description: 'What went wrong, where, and the way out.', ...errorContent(route) },
    },
    security: security(route.permission),
    'x-permission': route.permission,
  }
}

const bodySchema = (route: Route): Json => (route.body === undefined ? {} : jsonSchema(route.body, 'input'))

function errorContent(route: Route): Json {
  if (route.errors !== 'tidewatch') return {}
  return { content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } }
}

function security(permission: Permission): Json[] {
  if (permission === 'public') return []
  return permission === 'ingest' ? [{ bearer: [] }, { basic: [] }] : [{ session: [] }, { bearer: [] }, { basic: [] }]
}

function pathParameters(route: Route): Json[] {
  const names = [...route.path.matchAll(/:([A-Za-z0-9_]+)/g)].map((match) => match[1] as string)
  if (route.path.endsWith('*')) names.push('path')
  return names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
}

function queryParameters(route: Route): Json[] {
  if (route.query === undefined) return []
  const schema = jsonSchema(route.query, 'input')
  const required = new Set(Array.isArray(schema.required) ? schema.required : [])
  const properties = typeof schema.properties === 'object' && schema.properties !== null ? schema.properties : {}
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: 'query',
    required: required.has(name),
    schema: property,
  }))
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
