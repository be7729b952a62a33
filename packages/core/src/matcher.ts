import type { Brand } from './brand.ts'

export type MatchOp = '=' | '!=' | '=~' | '!~'

/** One condition on a label. Regular expressions are RE2's and match the whole value. A missing label has the value ''. */
export interface Matcher {
  readonly name: string
  readonly op: MatchOp
  readonly value: string
}

/** A project's number; 0 is the default project. Part of a series' identity, never a label. */
export type ProjectId = Brand<number, 'ProjectId'>
export const defaultProject = 0 as ProjectId
