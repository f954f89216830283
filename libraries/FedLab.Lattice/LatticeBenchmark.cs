using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Multiparty;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>
/// Every operation of one set of parameters, prepared with its keys and buffers, so that whoever measures calls it and nothing else. All slots are
/// used, ciphertexts are at the highest level; collective protocols run among three parties. One thread at a time.
/// </summary>
public sealed class LatticeBenchmark : IDisposable
{
    /// <summary>Bits of every prime: SEAL's speed with HEXL is published for these.</summary>
    public const int PrimeBits = 50;

    private const int Parties = 3;
    private const int Threshold = 2;

    /// <summary>log2 of the noise bound that floods are made for; the lesser one where a single prime must hold message and flood.</summary>
    private const int NoiseBits = 20, LeastNoiseBits = 4;

    private readonly Keys _keys;
    private readonly bool _ownsKeys;
    private readonly List<IDisposable> _buffers = [];
    private readonly Dictionary<LatticeOperation, Action> _operations = [];

    /// <summary>Draws keys and prepares the operations.</summary>
    /// <param name="degree">N.</param>
    /// <param name="primeCount">Primes of 50 bits, the special one included; at least two.</param>
    public LatticeBenchmark(int degree, int primeCount)
        : this(new Keys(new CkksContext(LatticeParameters.Create(degree, primeCount, PrimeBits))), ownsKeys: true)
    {
    }

    private LatticeBenchmark(Keys keys, bool ownsKeys)
    {
        (_keys, _ownsKeys) = (keys, ownsKeys);
        PrepareTransforms();
        PrepareEvaluation();
        PrepareKeyShares();
        PrepareCiphertextShares();
    }

    /// <summary>The parameters.</summary>
    public LatticeParameters Parameters => _keys.Context.Lattice.Parameters;

    /// <summary>log2 of the scale of every plaintext: 40, and 20 where one data prime must hold a product.</summary>
    public int ScaleBits => _keys.Context.MaximumLevel == 0 ? 20 : 40;

    /// <summary>The operations that these parameters allow: with one data prime there is no rescaling, and 40-bit floods over a whole ciphertext do not fit.</summary>
    public IReadOnlyDictionary<LatticeOperation, Action> Operations => _operations;

    /// <summary>The same operations under the same keys on buffers of their own, for a second thread.</summary>
    /// <returns>What the caller disposes before this one.</returns>
    public LatticeBenchmark Independent() => new(_keys, ownsKeys: false);

    /// <summary>Zeroes the keys and gives the buffers back.</summary>
    public void Dispose()
    {
        foreach (var buffer in _buffers)
            buffer.Dispose();
        if (_ownsKeys)
            _keys.Dispose();
    }

    private unsafe void PrepareTransforms()
    {
        var lattice = _keys.Context.Lattice;
        var table = lattice.Tables[0];
        var buffer = new AlignedBuffer(table.Degree);
        UniformSampler.Fill(new byte[KeyedStream.KeyBytes], 0, table.Prime, buffer.Span);
        _operations[LatticeOperation.ForwardTransform] = () =>
        {
            fixed (double* values = buffer.Span)
                lattice.Kernels.Forward(table, values, values);
        };
        _operations[LatticeOperation.InverseTransform] = () =>
        {
            fixed (double* values = buffer.Span)
                lattice.Kernels.Inverse(table, values);
        };
    }

    private void PrepareEvaluation()
    {
        var context = _keys.Context;
        var encoder = new CkksEncoder(context);
        var evaluator = new CkksEvaluator(context);
        var encryptor = new CkksEncryptor(context, _keys.Public);
        var symmetric = new CkksEncryptor(context, _keys.Secret);
        var decryptor = new CkksDecryptor(context, _keys.Secret);
        var extraction = new LweExtraction(context);
        var level = context.MaximumLevel;
        var scale = Math.ScaleB(1, ScaleBits);
        var slots = new Complex[context.SlotCount];
        for (var k = 0; k < slots.Length; k++)
            slots[k] = new Complex(k % 17 / 17.0, k % 13 / 13.0);
        var plaintext = Own(new CkksPlaintext(context));
        var decrypted = Own(new CkksPlaintext(context));
        var first = Own(new CkksCiphertext(context));
        var second = Own(new CkksCiphertext(context));
        var product = Own(new CkksCiphertext(context, CkksCiphertext.MaximumSize));
        var result = Own(new CkksCiphertext(context));
        var sample = Own(new LweSample(context));
        encoder.Encode(slots, plaintext, scale, level);
        encryptor.Encrypt(plaintext, first);
        symmetric.Encrypt(plaintext, second);
        decryptor.Decrypt(first, decrypted);
        _operations[LatticeOperation.Encode] = () => encoder.Encode(slots, plaintext, scale, level);
        _operations[LatticeOperation.EncryptPublicKey] = () => encryptor.Encrypt(plaintext, first);
        _operations[LatticeOperation.EncryptSecretKey] = () => symmetric.Encrypt(plaintext, second);
        _operations[LatticeOperation.Decrypt] = () => decryptor.Decrypt(first, decrypted);
        _operations[LatticeOperation.Decode] = () => encoder.Decode(decrypted, slots);
        _operations[LatticeOperation.Add] = () => evaluator.Add(first, second, result);
        _operations[LatticeOperation.MultiplyPlaintext] = () => evaluator.MultiplyPlain(first, plaintext, result);
        _operations[LatticeOperation.Multiply] = () => evaluator.Multiply(first, second, product);
        _operations[LatticeOperation.MultiplyRelinearise] = () =>
        {
            evaluator.Multiply(first, second, product);
            evaluator.Relinearise(product, _keys.Relinearisation, result);
        };
        if (level > 0)
            _operations[LatticeOperation.Rescale] = () => evaluator.Rescale(first, result);
        _operations[LatticeOperation.Rotate] = () => evaluator.Rotate(first, 1, _keys.Galois, result);
        _operations[LatticeOperation.ExtractSum] = () => extraction.ExtractSum(first, sample);
    }

    private void PrepareKeyShares()
    {
        var context = _keys.Context;
        var parties = PartySet.All(Parties);
        var binding = Binding();
        var secret = Own(new PartySecret(_keys.Secret, 0, parties));
        var publicKey = new CollectivePublicKeyProtocol(context.Lattice, parties);
        var publicShare = Own(publicKey.AllocateShare());
        var publicCommon = publicKey.SampleCommonPolynomials(_keys.Common);
        _operations[LatticeOperation.PublicKeyShare] = () => publicKey.GenerateShare(secret, publicCommon, binding, publicShare);

        var first = new RelinearisationFirstRound(context, parties);
        var second = new RelinearisationSecondRound(context, first);
        var common = first.SampleCommonPolynomials(_keys.Common);
        var mask = Own(first.AllocateMask());
        var firstShare = Own(first.AllocateShare());
        var secondShare = Own(second.AllocateShare());
        var firstSum = Own(first.AllocateShare());
        foreach (var party in parties.Members())
        {
            using var summand = new PartySecret(_keys.Secret, party, parties);
            first.GenerateShare(summand, common, binding, firstShare, mask);
            first.Aggregate(firstShare, firstSum);
        }

        _operations[LatticeOperation.RelinearisationFirstShare] = () => first.GenerateShare(secret, common, binding, firstShare, mask);
        _operations[LatticeOperation.RelinearisationBothShares] = () =>
        {
            first.GenerateShare(secret, common, binding, firstShare, mask);
            second.GenerateShare(secret, mask, common, firstSum, binding, secondShare);
        };

        var galois = new CollectiveGaloisKeyProtocol(context, parties, context.RotationElement(1));
        var galoisShare = Own(galois.AllocateShare());
        var galoisCommon = galois.SampleCommonPolynomials(_keys.Common);
        _operations[LatticeOperation.GaloisKeyShare] = () => galois.GenerateShare(secret, galoisCommon, binding, galoisShare);

        var sharing = new ThresholdSecretSharing(context.Lattice, Parties, Threshold);
        var sum = Own(sharing.AllocateSum(0));
        foreach (var dealer in parties.Members())
        {
            foreach (var share in sharing.Deal(_keys.Secret, dealer))
            {
                if (share.Recipient == 0)
                    sharing.Aggregate(share, sum);
                share.Dispose();
            }
        }

        var active = PartySet.All(Threshold);
        _operations[LatticeOperation.ThresholdSummand] = () => sharing.ForActiveSet(sum, active).Dispose();
    }

    private void PrepareCiphertextShares()
    {
        var context = _keys.Context;
        var level = context.MaximumLevel;
        var parties = PartySet.All(Parties);
        var binding = Binding();
        var secret = Own(new PartySecret(_keys.Secret, 0, parties));
        var plaintext = Own(new CkksPlaintext(context));
        var ciphertext = Own(new CkksCiphertext(context));
        new CkksEncoder(context).Encode([1.0], plaintext, Math.ScaleB(1, ScaleBits), level);
        new CkksEncryptor(context, _keys.Public).Encrypt(plaintext, ciphertext);
        var messageBound = Math.ScaleB(1, ScaleBits);
        if (level > 0)
        {
            var noise = Math.ScaleB(1, NoiseBits);
            var toPublic = new KeySwitchToPublicKeyProtocol(context, parties, _keys.Public, level, noise, messageBound);
            var toPublicShare = Own(toPublic.AllocateShare());
            _operations[LatticeOperation.SwitchToPublicKeyShare] = () => toPublic.GenerateShare(secret, ciphertext, binding, toPublicShare);

            var decryption = new KeySwitchToSecretKeyProtocol(context, parties, level, noise, messageBound);
            var decryptionShare = Own(decryption.AllocateShare());
            _operations[LatticeOperation.DecryptionShare] = () => decryption.GenerateShare(secret, null, ciphertext, binding, decryptionShare);
        }

        var sample = Own(new LweSample(context));
        new LweExtraction(context).Extract(ciphertext, 0, sample);
        LweSample[] samples = [sample];
        var partial = new PartialDecryptionProtocol(context, parties, level, samples.Length, Math.ScaleB(1, level > 0 ? NoiseBits : LeastNoiseBits), messageBound);
        var partialShare = Own(partial.AllocateShare());
        _operations[LatticeOperation.SampleDecryptionShare] = () => partial.GenerateShare(secret, samples, binding, partialShare);
    }

    private T Own<T>(T buffer)
        where T : IDisposable
    {
        _buffers.Add(buffer);
        return buffer;
    }

    private static ShareBinding Binding() => new(new ForgetfulLedger(), new byte[ShareRequest.HashBytes]);

    /// <summary>What independent operations share.</summary>
    private sealed class Keys : IDisposable
    {
        public Keys(CkksContext context)
        {
            Context = context;
            Secret = SecretKey.Generate(context.Lattice);
            Public = PublicKey.Generate(Secret);
            Relinearisation = RelinearisationKey.Generate(context, Secret);
            Galois = GaloisKeys.Generate(context, Secret, [context.RotationElement(1)]);
            Common = new CommonRandomString(RandomNumberGenerator.GetBytes(CommonRandomString.Bytes));
        }

        public CkksContext Context { get; }

        public SecretKey Secret { get; }

        public PublicKey Public { get; }

        public RelinearisationKey Relinearisation { get; }

        public GaloisKeys Galois { get; }

        public CommonRandomString Common { get; }

        public void Dispose() => Secret.Dispose();
    }

    /// <summary>Records nothing: a measurement makes the share of one request again and again, which a ledger refuses, and throws every one away.</summary>
    private sealed class ForgetfulLedger : IShareLedger
    {
        public void Reserve(ShareRequest request)
        {
        }

        public void Store(ShareRequest request, ReadOnlySpan<byte> share)
        {
        }

        public bool TryRead(ShareRequest request, IBufferWriter<byte> share) => false;
    }
}
