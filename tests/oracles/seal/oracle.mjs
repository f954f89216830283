// Microsoft SEAL as a server: one JSON command a line on standard input, one JSON answer a line on standard output.
// Objects live in sessions, one for each set of encryption parameters, under names that the caller gives; payloads are base64.
import { createRequire } from 'node:module'

const seal = await createRequire(import.meta.url)('node-seal/allows_wasm_node_umd.js')()
const compressions = { none: seal.ComprModeType.none, zlib: seal.ComprModeType.zlib, zstd: seal.ComprModeType.zstd }
const kinds = {
  secret: seal.SecretKey,
  public: seal.PublicKey,
  relinearisation: seal.RelinKeys,
  galois: seal.GaloisKeys,
  plaintext: seal.PlainText,
  ciphertext: seal.CipherText,
}
const rings = new Map()
const sessions = new Map()

// Everything that depends on the parameters alone: a second's work at N = 16384, so it is kept.
function ring(parameters, security) {
  const key = `${security} ${parameters}`
  if (!rings.has(key)) {
    const loaded = seal.EncryptionParameters()
    loaded.loadArray(Buffer.from(parameters, 'base64'))
    const level = security === 0 ? seal.SecurityLevel.none : seal.SecurityLevel.tc128
    const context = seal.Context(loaded, true, level)
    if (!context.parametersSet()) throw new Error('SEAL refuses the parameters.')
    rings.set(key, { parameters: loaded, context, encoder: seal.CKKSEncoder(context), evaluator: seal.Evaluator(context) })
  }
  return rings.get(key)
}

class Session {
  constructor({ parameters, security }) {
    this.objects = new Map()
    Object.assign(this, ring(parameters, security))
  }

  get(name) {
    const found = this.objects.get(name)
    if (!found) throw new Error(`There is no object '${name}'.`)
    return found
  }

  set(name, value) {
    this.objects.get(name)?.delete()
    this.objects.set(name, value)
  }

  close() {
    for (const value of this.objects.values()) value.delete()
  }
}

const operations = {
  add: (e, [a, b]) => e.add(a, b),
  subtract: (e, [a, b]) => e.sub(a, b),
  negate: (e, [a]) => e.negate(a),
  addPlain: (e, [a, p]) => e.addPlain(a, p),
  multiply: (e, [a, b]) => e.multiply(a, b),
  multiplyPlain: (e, [a, p]) => e.multiplyPlain(a, p),
  relinearise: (e, [a, key]) => e.relinearize(a, key),
  rescale: (e, [a]) => e.rescaleToNext(a),
  modulusSwitch: (e, [a]) => e.cipherModSwitchToNext(a),
  modulusSwitchPlain: (e, [p]) => e.plainModSwitchToNext(p),
  rotate: (e, [a, key], { steps }) => e.rotateVector(a, steps, key),
  conjugate: (e, [a, key]) => e.complexConjugate(a, key),
}

// What is timed, each into the object that it is given; the divisor is how often the operation is done at once.
const timed = {
  forwardTransform: ({ evaluator }, o) => evaluator.cipherTransformToNtt(o.coefficients, o.result),
  inverseTransform: ({ evaluator }, o) => evaluator.cipherTransformFromNtt(o.first, o.result),
  encode: ({ encoder }, o) => encoder.encode(o.values, o.scale, o.decrypted),
  encryptPublicKey: (_, o) => o.encryptor.encrypt(o.plaintext, o.result),
  encryptSecretKey: (_, o) => o.encryptor.encryptSymmetric(o.plaintext, o.result),
  decrypt: (_, o) => o.decryptor.decrypt(o.first, o.decrypted),
  decode: ({ encoder }, o) => encoder.decode(o.plaintext),
  add: ({ evaluator }, o) => evaluator.add(o.first, o.second, o.result),
  multiplyPlaintext: ({ evaluator }, o) => evaluator.multiplyPlain(o.first, o.plaintext, o.result),
  multiply: ({ evaluator }, o) => evaluator.multiply(o.first, o.second, o.result),
  multiplyRelinearise: ({ evaluator }, o) => {
    evaluator.multiply(o.first, o.second, o.product)
    evaluator.relinearize(o.product, o.relinearisation, o.result)
  },
  rescale: ({ evaluator }, o) => evaluator.rescaleToNext(o.first, o.result),
  rotate: ({ evaluator }, o) => evaluator.rotateVector(o.first, 1, o.galois, o.result),
}

// A transform is timed on a whole ciphertext: two polynomials over the primes of its level.
const divisor = (operation, { first }) => (operation.endsWith('Transform') ? first.size * first.coeffModulusSize : 1)

const commands = {
  open: (_, command) => {
    sessions.set(command.session, new Session(command))
  },
  close: (session, { session: id }) => {
    session.close()
    sessions.delete(id)
  },
  // The parameters as SEAL itself writes them.
  parameters: (session, { compression = 'none' }) => ({
    data: Buffer.from(session.parameters.saveArray(compressions[compression])).toString('base64'),
  }),
  put: (session, { kind, name, data }) => {
    const value = kinds[kind]()
    try {
      value.loadArray(session.context, Buffer.from(data, 'base64'))
    } catch (error) {
      value.delete()
      throw error
    }
    session.set(name, value)
  },
  get: (session, { name, compression = 'none' }) => ({
    data: Buffer.from(session.get(name).saveArray(compressions[compression])).toString('base64'),
  }),
  // Keys of a fresh secret or of one that was put; the seeded forms can only be got, not used.
  generate: (session, { steps, seeded }) => {
    const secret = session.objects.get('secret')
    const generator = secret ? seal.KeyGenerator(session.context, secret) : seal.KeyGenerator(session.context)
    if (!secret) session.set('secret', generator.secretKey())
    session.set('public', seeded ? generator.createPublicKeySerializable() : generator.createPublicKey())
    if (session.context.usingKeyswitching) {
      session.set('relinearisation', seeded ? generator.createRelinKeysSerializable() : generator.createRelinKeys())
      const chosen = Int32Array.from(steps)
      session.set('galois', seeded ? generator.createGaloisKeysSerializable(chosen) : generator.createGaloisKeys(chosen))
    }
    generator.delete()
  },
  encode: (session, { values, scale, name }) => {
    session.set(name, session.encoder.encode(Float64Array.from(values), scale))
  },
  decode: (session, { name }) => ({ values: Array.from(session.encoder.decode(session.get(name))) }),
  encrypt: (session, { plaintext, name, how }) => {
    const secret = session.objects.get('secret')
    const encryptor = secret
      ? seal.Encryptor(session.context, session.get('public'), secret)
      : seal.Encryptor(session.context, session.get('public'))
    const message = session.get(plaintext)
    if (how === 'public') session.set(name, encryptor.encrypt(message))
    else if (how === 'secret') session.set(name, encryptor.encryptSymmetric(message))
    else session.set(name, encryptor.encryptSymmetricSerializable(message))
    encryptor.delete()
  },
  decrypt: (session, { ciphertext, name }) => {
    const decryptor = seal.Decryptor(session.context, session.get('secret'))
    session.set(name, decryptor.decrypt(session.get(ciphertext)))
    decryptor.delete()
  },
  // Keys are there; makes a plaintext and ciphertexts of full slots to time operations on.
  prepare: (session, { scale }) => {
    const { context, encoder, evaluator } = session
    const values = Float64Array.from({ length: encoder.slotCount }, (_, k) => (k % 17) / 17)
    const encryptor = seal.Encryptor(context, session.get('public'), session.get('secret'))
    const plaintext = encoder.encode(values, scale)
    const first = encryptor.encrypt(plaintext)
    session.timing = {
      values, scale, encryptor, plaintext, first,
      second: encryptor.encryptSymmetric(plaintext),
      coefficients: evaluator.cipherTransformFromNtt(first),
      decryptor: seal.Decryptor(context, session.get('secret')),
      relinearisation: session.get('relinearisation'),
      galois: session.get('galois'),
      product: seal.CipherText(),
      result: seal.CipherText(),
      decrypted: seal.PlainText(),
    }
    for (const name of ['encryptor', 'plaintext', 'first', 'second', 'coefficients', 'decryptor', 'product', 'result', 'decrypted'])
      session.set(`timing ${name}`, session.timing[name])
  },
  // Microseconds of one operation: least and median of samples of 2 ms or of one call, whichever is longer.
  time: (session, { operation, milliseconds }) => {
    const body = timed[operation]
    const objects = session.timing
    const parts = divisor(operation, objects)
    const measure = (calls) => {
      const start = performance.now()
      for (let call = 0; call < calls; call++) body(session, objects)
      return performance.now() - start
    }
    measure(2)
    const calls = Math.max(1, Math.ceil(2 / Math.max(measure(1), 0.001)))
    const samples = []
    for (const end = performance.now() + milliseconds; samples.length < 3 || performance.now() < end; )
      samples.push((measure(calls) * 1000) / calls / parts)
    samples.sort((a, b) => a - b)
    return { minimum: samples[0], median: samples[samples.length >> 1] }
  },
  evaluate: (session, { operation, operands, name, ...options }) => {
    session.set(name, operations[operation](session.evaluator, operands.map((operand) => session.get(operand)), options))
  },
}

// Lines of many megabytes: node:readline would search each of them again with every chunk that arrives.
async function* lines(input) {
  let parts = []
  for await (let chunk of input) {
    for (let end; (end = chunk.indexOf(10)) >= 0; chunk = chunk.subarray(end + 1)) {
      parts.push(chunk.subarray(0, end))
      yield Buffer.concat(parts).toString()
      parts = []
    }
    parts.push(chunk)
  }
}

for await (const line of lines(process.stdin)) {
  let answer
  try {
    const command = JSON.parse(line)
    const session = sessions.get(command.session)
    if (!session && command.do !== 'open') throw new Error(`There is no session '${command.session}'.`)
    answer = commands[command.do](session, command) ?? {}
  } catch (error) {
    answer = { error: error?.message ?? String(error) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
