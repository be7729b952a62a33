import { useQuery } from '@tanstack/react-query'
import { type Role, role as roles, type User } from '@tidewatch/api/accounts.ts'
import { type FormEvent, useState } from 'react'
import { useChangeUser, useCreateUser, usersQuery, useUserLink } from '../../data/accounts.ts'
import { problemOf } from '../../data/client.ts'
import { toLoadable } from '../../data/loadable.ts'
import { Age } from '../../ui/age.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { SecretOnce } from './secret-once.tsx'

const roleWords: Record<Role, string> = {
  viewer: 'Viewer: looks',
  editor: 'Editor: changes',
  admin: 'Administrator: everything',
}

/** Who may come in, as what; links to sign in with. */
export function UsersTab() {
  const users = toLoadable(useQuery(usersQuery))
  const create = useCreateUser()
  const change = useChangeUser()
  const link = useUserLink()
  const toast = useToast()
  const shown = link.data ?? create.data?.link ?? undefined
  const onError = (error: Error) => toast({ text: problemOf(error).what, tone: 'error' })
  const changeUser = (user: User, part: { role?: Role; disabled?: boolean }, words: string) =>
    change.mutate(
      { id: user.id, ...part },
      {
        onSuccess: () =>
          toast({
            text: words,
            undo: () => change.mutate({ id: user.id, role: user.role, disabled: user.disabled }, { onError }),
          }),
        onError,
      },
    )
  return (
    <section className="section">
      {shown !== undefined && <SecretOnce title="A one-time link to sign in with." secret={shown.url} />}
      <UserForm pending={create.isPending} onCreate={(input) => create.mutate(input)} />
      {create.error !== null && <ProblemBox problem={problemOf(create.error)} />}
      <Loaded
        of={users}
        what="users"
        height={120}
        isEmpty={(list) => list.length === 0}
        empty={<p className="third">No user yet.</p>}
      >
        {(list) => (
          <DataTable
            name="Users"
            columns={columns(changeUser, (user) => link.mutate(user.id, { onError }))}
            rows={list}
            rowKey={(one) => one.id}
          />
        )}
      </Loaded>
    </section>
  )
}

function UserForm({
  pending,
  onCreate,
}: {
  readonly pending: boolean
  readonly onCreate: (input: { name: string; role: Role }) => void
}) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onCreate({ name: name.trim(), role })
    setName('')
  }
  return (
    <form className="settings-line" onSubmit={submit}>
      <TextField
        label="Name"
        required
        maxLength={64}
        autoCapitalize="none"
        spellCheck={false}
        placeholder="mara"
        value={name}
        onValue={setName}
      />
      <SelectField
        label="Role"
        value={role}
        options={roles.options.map((one) => ({ value: one, title: roleWords[one] }))}
        onValue={setRole}
      />
      <button type="submit" className="button" disabled={pending}>
        Add and make a link
      </button>
    </form>
  )
}

type ChangeUser = (user: User, part: { role?: Role; disabled?: boolean }, words: string) => void

const columns = (change: ChangeUser, link: (user: User) => void): readonly Column<User>[] => [
  {
    key: 'name',
    title: 'Name',
    sortBy: (one) => one.name,
    cell: (one) => <span className={one.disabled ? 'third' : 'label'}>{one.name}</span>,
  },
  {
    key: 'role',
    title: 'Role',
    cell: (one) => (
      <select
        className="select"
        aria-label={`Role of ${one.name}`}
        value={one.role}
        disabled={one.disabled}
        onChange={(event) =>
          change(
            one,
            { role: roles.catch(one.role).parse(event.target.value) },
            `${one.name} is ${event.target.value} now.`,
          )
        }
      >
        {roles.options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    ),
  },
  {
    key: 'password',
    title: 'Password',
    wideOnly: true,
    cell: (one) => (one.hasPassword ? 'set' : <span className="third">none, link only</span>),
  },
  {
    key: 'seen',
    title: 'Last signed in',
    numeric: true,
    wideOnly: true,
    sortBy: (one) => one.lastSignInAtMs ?? 0,
    cell: (one) => <Age atMs={one.lastSignInAtMs} />,
  },
  {
    key: 'actions',
    title: 'Actions',
    titleHidden: true,
    numeric: true,
    width: '220px',
    cell: (one) => (
      <span className="row user-actions">
        <button
          type="button"
          className="button little"
          disabled={one.disabled}
          aria-label={`Sign-in link for ${one.name}`}
          onClick={() => link(one)}
        >
          Link
        </button>
        <button
          type="button"
          className="button little"
          aria-label={`${one.disabled ? 'Let in' : 'Lock out'} ${one.name}`}
          onClick={() =>
            change(
              one,
              { disabled: !one.disabled },
              one.disabled ? `${one.name} may come in again.` : `${one.name} is locked out.`,
            )
          }
        >
          {one.disabled ? 'Let in' : 'Lock out'}
        </button>
      </span>
    ),
  },
]
