import { type FormEvent, useState } from 'react'
import { problemOf } from '../data/client.ts'
import { useRedeemLink, useSignIn } from '../data/session.ts'
import { TextField } from '../ui/field.tsx'
import { ProblemBox } from '../ui/problem-box.tsx'
import { Mark } from './mark.tsx'
import './sign-in.css'

interface SignInProps {
  /** The token of a one-time link. */
  readonly linkToken?: string
  readonly onLinkUsed?: () => void
}

/** Name and password, or a one-time link. */
export function SignIn({ linkToken, onLinkUsed }: SignInProps) {
  return (
    <main className="sign-in">
      <title>Sign in · Tidewatch</title>
      <div className="sign-in-head">
        <Mark size={28} />
        <h1>Tidewatch</h1>
      </div>
      {linkToken === undefined ? <PasswordForm /> : <LinkForm token={linkToken} onUsed={() => onLinkUsed?.()} />}
    </main>
  )
}

function PasswordForm() {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useSignIn()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate({ name: name.trim(), password })
  }
  return (
    <form className="sign-in-form" onSubmit={submit}>
      <TextField
        label="Name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={name}
        onValue={setName}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onValue={setPassword}
      />
      {signIn.error !== null && <ProblemBox problem={problemOf(signIn.error)} />}
      <button type="submit" className="button primary" disabled={signIn.isPending}>
        {signIn.isPending ? 'Signing in' : 'Sign in'}
      </button>
      <p className="small second">
        No password yet, or lost it? Whoever runs this server makes a one-time sign-in link:{' '}
        <code className="nowrap">npx tidewatch user link NAME</code>
      </p>
    </form>
  )
}

/** The link is redeemed at once; one that is used up or too old says so and leads to name and password. */
function LinkForm({ token, onUsed }: { readonly token: string; readonly onUsed: () => void }) {
  const redeem = useRedeemLink(token, onUsed)
  if (redeem.error === null) {
    return (
      <p className="second" role="status">
        Signing in
      </p>
    )
  }
  return (
    <div className="sign-in-form">
      <ProblemBox problem={problemOf(redeem.error)}>
        <button type="button" className="button little" onClick={() => void redeem.refetch()}>
          Try again
        </button>
        <button type="button" className="button bare little" onClick={onUsed}>
          Use name and password
        </button>
      </ProblemBox>
    </div>
  )
}
