import { useQuery } from '@tanstack/react-query'
import type { Session } from '@tidewatch/api/accounts.ts'
import { type FormEvent, useState } from 'react'
import { sessionsQuery, useChangePassword, useEndSession } from '../../data/accounts.ts'
import { problemOf } from '../../data/client.ts'
import { toLoadable } from '../../data/loadable.ts'
import { sessionQuery } from '../../data/session.ts'
import { Age } from '../../ui/age.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { setTheme, setZone, type Theme, usePreferences } from '../../ui/preferences.ts'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { deviceOf } from './device.ts'

/** Password, theme, sessions of the one who is signed in. */
export function AccountTab() {
  const { data: session } = useQuery(sessionQuery)
  const sessions = toLoadable(useQuery(sessionsQuery))
  const end = useEndSession()
  const toast = useToast()
  const endSession = (one: Session) =>
    end.mutate(one.id, {
      onSuccess: () => toast({ text: `${deviceOf(one.agent)} is signed out.` }),
      onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }),
    })
  return (
    <>
      <section className="section settings-two">
        <Appearance />
        {session?.authRequired === true && <PasswordForm hasPassword={session.user.hasPassword} />}
      </section>
      {session?.authRequired === true && (
        <section className="section">
          <div className="section-head">
            <h2>Signed in on</h2>
          </div>
          <Loaded of={sessions} what="sessions" height={120}>
            {(list) => (
              <DataTable name="Sessions" columns={sessionColumns(endSession)} rows={list} rowKey={(one) => one.id} />
            )}
          </Loaded>
        </section>
      )}
    </>
  )
}

const sessionColumns = (end: (session: Session) => void): readonly Column<Session>[] => [
  { key: 'device', title: 'Device', cell: (one) => <span className="label">{deviceOf(one.agent)}</span> },
  { key: 'address', title: 'Address', wideOnly: true, cell: (one) => <code>{one.address}</code> },
  {
    key: 'seen',
    title: 'Last seen',
    numeric: true,
    cell: (one) => (one.current ? 'this session' : <Age atMs={one.lastSeenAtMs} />),
  },
  {
    key: 'end',
    title: 'Actions',
    titleHidden: true,
    numeric: true,
    width: '110px',
    cell: (one) =>
      one.current ? null : (
        <button type="button" className="button little" onClick={() => end(one)}>
          Sign out
        </button>
      ),
  },
]

const themes = [
  { value: 'system', title: 'As the system' },
  { value: 'light', title: 'Light' },
  { value: 'dark', title: 'Dark' },
] as const satisfies readonly { readonly value: Theme; readonly title: string }[]
const zones = [
  { value: 'local', title: 'Local' },
  { value: 'utc', title: 'UTC' },
] as const

function Appearance() {
  const { theme, zone } = usePreferences()
  return (
    <div className="settings-form">
      <h2>On this device</h2>
      <SelectField label="Theme" value={theme} options={themes} onValue={setTheme} />
      <SelectField label="Times" value={zone} options={zones} onValue={setZone} />
    </div>
  )
}

const leastPassword = 12

function PasswordForm({ hasPassword }: { readonly hasPassword: boolean }) {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useChangePassword()
  const toast = useToast()
  const tooShort = password !== '' && password.length < leastPassword
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate(
      { ...(hasPassword ? { current } : {}), password },
      {
        onSuccess: () => {
          setCurrent('')
          setPassword('')
          toast({ text: hasPassword ? 'Password changed.' : 'Password set. You can sign in with it from now on.' })
        },
      },
    )
  }
  return (
    <form className="settings-form" onSubmit={submit}>
      <h2>{hasPassword ? 'Change password' : 'Set a password'}</h2>
      {hasPassword && (
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          required
          value={current}
          onValue={setCurrent}
        />
      )}
      <TextField
        label="New password"
        type="password"
        autoComplete="new-password"
        required
        minLength={leastPassword}
        aria-invalid={tooShort}
        value={password}
        onValue={setPassword}
        note={
          <span className={`small ${tooShort ? 'crit' : 'third'}`}>At least 12 characters; four words are good.</span>
        }
      />
      {change.error !== null && <ProblemBox problem={problemOf(change.error)} />}
      <button type="submit" className="button" disabled={change.isPending || tooShort}>
        {hasPassword ? 'Change password' : 'Set password'}
      </button>
    </form>
  )
}
