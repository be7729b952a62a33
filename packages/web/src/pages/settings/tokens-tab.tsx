import { useQuery } from '@tanstack/react-query'
import { type Role, type Token, type TokenScope, tokenScope } from '@tidewatch/api/accounts.ts'
import { type FormEvent, useState } from 'react'
import { tokensQuery, useCreateToken, useEndToken } from '../../data/accounts.ts'
import { problemOf } from '../../data/client.ts'
import { toLoadable } from '../../data/loadable.ts'
import { useRights } from '../../data/session.ts'
import { readSnippets } from '../../data/snippets.ts'
import { Age } from '../../ui/age.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { SureButton } from '../../ui/sure-button.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { SecretOnce } from './secret-once.tsx'

const scopeWords: Record<TokenScope, string> = {
  read: 'read: ask questions',
  write: 'write: bring data',
  edit: 'edit: change rules and pages',
  admin: 'admin: everything',
}

/** The role that somebody needs to give a scope: a token may do no more than who makes it. */
const scopeNeeds: Record<TokenScope, Role> = { read: 'viewer', write: 'editor', edit: 'editor', admin: 'admin' }

/** Tokens for programs that ask or change. */
export function TokensTab() {
  const tokens = toLoadable(useQuery(tokensQuery))
  const create = useCreateToken()
  const end = useEndToken()
  const toast = useToast()
  const endToken = (one: Token) =>
    end.mutate(one.id, {
      onSuccess: () => toast({ text: `Token “${one.name}” has ended.` }),
      onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }),
    })
  return (
    <section className="section">
      <p className="second">
        For Grafana, scripts and other programs that ask this server. What only sends data gets an ingest key instead.
      </p>
      {create.data !== undefined && (
        <SecretOnce title={`Token “${create.data.token.name}” is made.`} secret={create.data.secret}>
          <CodeBlock name="Ways to use the token" snippets={readSnippets(location.origin, create.data.secret)} />
        </SecretOnce>
      )}
      <TokenForm pending={create.isPending} onCreate={(input) => create.mutate(input)} />
      {create.error !== null && <ProblemBox problem={problemOf(create.error)} />}
      <Loaded
        of={tokens}
        what="tokens"
        height={120}
        isEmpty={(list) => list.length === 0}
        empty={<p className="third">No token yet.</p>}
      >
        {(list) => <DataTable name="API tokens" columns={columns(endToken)} rows={list} rowKey={(one) => one.id} />}
      </Loaded>
    </section>
  )
}

const dayMs = 86_400_000
const lives = [
  { value: 90, title: '90 days' },
  { value: 365, title: '1 year' },
  { value: 0, title: 'until ended' },
] as const

function TokenForm({
  pending,
  onCreate,
}: {
  readonly pending: boolean
  readonly onCreate: (input: { name: string; scopes: TokenScope[]; expiresAtMs: number | null }) => void
}) {
  const may = useRights()
  const [name, setName] = useState('')
  const [scope, setScope] = useState<TokenScope>('read')
  const [days, setDays] = useState<number>(lives[0].value)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onCreate({ name: name.trim(), scopes: [scope], expiresAtMs: days === 0 ? null : Date.now() + days * dayMs })
    setName('')
  }
  return (
    <form className="settings-line" onSubmit={submit}>
      <TextField label="Name" required maxLength={100} placeholder="grafana" value={name} onValue={setName} />
      <SelectField
        label="May"
        value={scope}
        options={tokenScope.options
          .filter((one) => may(scopeNeeds[one]))
          .map((one) => ({ value: one, title: scopeWords[one] }))}
        onValue={setScope}
      />
      <SelectField label="Works for" value={days} options={lives} onValue={setDays} />
      <button type="submit" className="button" disabled={pending}>
        Make a token
      </button>
    </form>
  )
}

const columns = (end: (token: Token) => void): readonly Column<Token>[] => [
  {
    key: 'name',
    title: 'Name',
    sortBy: (one) => one.name,
    cell: (one) => <span className="label break">{one.name}</span>,
  },
  { key: 'scopes', title: 'May', cell: (one) => one.scopes.join(', ') },
  { key: 'prefix', title: 'Begins with', wideOnly: true, cell: (one) => <code>{one.prefix}…</code> },
  {
    key: 'owner',
    title: 'Of',
    wideOnly: true,
    cell: (one) => one.owner ?? <span className="third">command line</span>,
  },
  {
    key: 'used',
    title: 'Last used',
    numeric: true,
    sortBy: (one) => one.lastUsedAtMs ?? 0,
    cell: (one) => <Age atMs={one.lastUsedAtMs} />,
  },
  {
    key: 'end',
    title: 'Actions',
    titleHidden: true,
    numeric: true,
    width: '110px',
    cell: (one) => <SureButton word="End" what={`token ${one.name}`} onSure={() => end(one)} />,
  },
]
