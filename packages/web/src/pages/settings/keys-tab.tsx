import { useQuery } from '@tanstack/react-query'
import type { IngestKey } from '@tidewatch/api/accounts.ts'
import { type FormEvent, useState } from 'react'
import { ingestKeysQuery, useCreateIngestKey, useEndIngestKey } from '../../data/accounts.ts'
import { problemOf } from '../../data/client.ts'
import { toLoadable } from '../../data/loadable.ts'
import { metricSnippets } from '../../data/snippets.ts'
import { Age } from '../../ui/age.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { SureButton } from '../../ui/sure-button.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { SecretOnce } from './secret-once.tsx'

/** Keys that only write. */
export function KeysTab() {
  const keys = toLoadable(useQuery(ingestKeysQuery))
  const create = useCreateIngestKey()
  const end = useEndIngestKey()
  const toast = useToast()
  const [name, setName] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(name.trim())
    setName('')
  }
  const endKey = (one: IngestKey) =>
    end.mutate(one.id, {
      onSuccess: () => toast({ text: `Key “${one.name}” has ended. What still sends with it is refused.` }),
      onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }),
    })
  return (
    <section className="section">
      <p className="second">
        An ingest key can only write. One for each sender, so that one can be ended without the others.
      </p>
      {create.data !== undefined && (
        <SecretOnce title={`Key “${create.data.key.name}” is made.`} secret={create.data.secret}>
          <CodeBlock name="Ways to send metrics" snippets={metricSnippets(location.origin, create.data.secret)} />
        </SecretOnce>
      )}
      <form className="settings-line" onSubmit={submit}>
        <TextField
          label="Sender"
          required
          maxLength={100}
          placeholder="production cluster"
          value={name}
          onValue={setName}
        />
        <button type="submit" className="button" disabled={create.isPending}>
          Make a key
        </button>
      </form>
      {create.error !== null && <ProblemBox problem={problemOf(create.error)} />}
      <Loaded
        of={keys}
        what="keys"
        height={120}
        isEmpty={(list) => list.length === 0}
        empty={<p className="third">No key yet.</p>}
      >
        {(list) => <DataTable name="Ingest keys" columns={columns(endKey)} rows={list} rowKey={(one) => one.id} />}
      </Loaded>
    </section>
  )
}

const columns = (end: (key: IngestKey) => void): readonly Column<IngestKey>[] => [
  {
    key: 'name',
    title: 'Sender',
    sortBy: (one) => one.name,
    cell: (one) => <span className="label break">{one.name}</span>,
  },
  { key: 'prefix', title: 'Begins with', wideOnly: true, cell: (one) => <code>{one.prefix}…</code> },
  {
    key: 'created',
    title: 'Made',
    numeric: true,
    wideOnly: true,
    sortBy: (one) => one.createdAtMs,
    cell: (one) => <Age atMs={one.createdAtMs} />,
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
    cell: (one) => <SureButton word="End" what={`key ${one.name}`} onSure={() => end(one)} />,
  },
]
