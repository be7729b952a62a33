/** What a line of JSON holds, before anything is known of it. */
export interface JsonObject {
  readonly [name: string]: unknown
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
