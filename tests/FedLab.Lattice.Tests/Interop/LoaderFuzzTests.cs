using System.Buffers;
using System.Buffers.Binary;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Interop;

namespace FedLab.Lattice.Tests.Interop;

/// <summary>Every loader of the library against mutations of valid files: the documented exception or a valid object, and memory of the order of the input.</summary>
public sealed class LoaderFuzzTests : IDisposable
{
    /// <summary>Cases for each loader; with eighteen loaders 180,000 in all.</summary>
    private const int Cases = 10_000;

    /// <summary>
    /// Most bytes that reading may allocate for each byte read. The largest honest need is that of a bit-packed, seeded key at small
    /// primes, which becomes two polynomials of doubles.
    /// </summary>
    private const long MemoryFactor = 8;

    /// <summary>On top of it: an exception with its message, and what a few packed bytes may unpack to at this degree.</summary>
    private const long MemoryConstant = 64 << 10;

    private static readonly ulong[] Extremes =
        [0, 1, 2, 3, 4, 15, 16, 17, 255, 2047, 2048, 2049, 4096, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, 1UL << 58, 1UL << 61, long.MaxValue, 1UL << 63, ulong.MaxValue - 7, ulong.MaxValue];

    private readonly SealSamples _samples = new(2048, 27, 26);
    private readonly Dictionary<string, Loader> _loaders;
    private readonly List<byte[]> _all;

    public LoaderFuzzTests()
    {
        _loaders = Loaders().ToDictionary(loader => loader.Name, StringComparer.Ordinal);
        _all = [.. _loaders.Values.SelectMany(loader => loader.Valid)];
    }

    public static TheoryData<string> Names =>
    [
        "LatticeParameters",
        "LatticeParameters, a sequence",
        "PublicKey",
        "SeededCiphertext",
        "ScanAnswer",
        "CkksCiphertext",
        "SeededCkksCiphertext",
        "RelinearisationKey",
        "GaloisKeys",
        "SEAL parameters",
        "SEAL secret key",
        "SEAL public key",
        "SEAL relinearisation key",
        "SEAL Galois keys",
        "SEAL plaintext",
        "SEAL ciphertext",
        "SEAL seeded ciphertext",
        "SEAL packed",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Mutated_files_give_the_documented_exception_or_an_object_and_take_little_memory(string name)
    {
        var loader = _loaders[name];
        foreach (var valid in loader.Valid.Take(loader.OnlyFirstIsValid ? 1 : loader.Valid.Count))
            loader.Read(SealSamples.Sequence(valid));
        Assert.Throws<LatticeFormatException>(() => loader.Read(ReadOnlySequence<byte>.Empty));
        var vectors = new TestVectors((ulong)name.Length * 1000 + name[^1]);
        var (accepted, refused) = (0, 0);
        for (var round = 0; round < Cases; round++)
        {
            var bytes = Mutate(loader.Valid[vectors.Below(loader.Valid.Count)], loader.HasHeader, vectors);
            var source = vectors.Below(8) == 0 ? WireTests.Segments(bytes, vectors.Below(bytes.Length + 1)) : SealSamples.Sequence(bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                loader.Read(source);
                accepted++;
            }
            catch (LatticeFormatException)
            {
                refused++;
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= MemoryFactor * bytes.Length + MemoryConstant, $"{allocated} bytes were allocated for an input of {bytes.Length}, mutation {round}.");
        }

        Assert.Equal(Cases, accepted + refused);
        Assert.InRange(accepted, loader.SomePass ? 1 : 0, Cases - 1);
        Assert.InRange(refused, Cases / 4, Cases);
    }

    [Fact]
    public void Every_loader_is_in_the_list() => Assert.Equal(_loaders.Keys.Order(StringComparer.Ordinal), Names.Select(row => row.Data).Order(StringComparer.Ordinal));

    public void Dispose() => _samples.Dispose();

    private IEnumerable<Loader> Loaders()
    {
        var (lattice, context) = (_samples.Lattice, _samples.Context);
        using var plaintext = _samples.Plaintext(0, 1 << 10, 91);
        using var encrypted = _samples.Encrypt(plaintext);
        using var product = new CkksCiphertext(context, capacity: 3);
        new CkksEvaluator(context).Multiply(encrypted, encrypted, product);
        var galois = GaloisKeys.Generate(context, _samples.Secret, [3, 4095]);
        using var sum = new ProductAccumulator(lattice);
        var answer = new FunctionPrivateResponder(_samples.Public).Respond(sum, 0, [5, 17, 0], 45);

        var parameters = Bytes(lattice.Parameters.Write);
        yield return new("LatticeParameters", [parameters], source => LatticeParameters.Read(source.ToArray()));
        yield return new("LatticeParameters, a sequence", [parameters], ReadParameters);
        yield return new("PublicKey", [Bytes(_samples.Public.Write)], source => Check(PublicKey.Read(source, lattice)));
        yield return new("SeededCiphertext", [Bytes(new SymmetricEncryptor(_samples.Secret).Encrypt([1, 2, 3], 10).Write)], source => SeededCiphertext.Read(source, lattice).Expand().Dispose());
        yield return new("ScanAnswer", [Bytes(answer.Write)], source => ScanAnswer.Read(source, 2048, 3, 45));
        yield return new("CkksCiphertext", [Bytes(encrypted.Write), Bytes(product.Write)], source => Check(CkksCiphertext.Read(source, context)));
        yield return new(
            "SeededCkksCiphertext",
            [Bytes(new CkksEncryptor(context, _samples.Secret).EncryptSeeded(plaintext).Write)],
            source =>
            {
                var expanded = new CkksCiphertext(context);
                SeededCkksCiphertext.Read(source, context).Expand(expanded);
                Check(expanded);
            });
        yield return new("RelinearisationKey", [Bytes(_samples.Relinearisation.Write)], source => Check(RelinearisationKey.Read(source, context).Key));
        yield return new("GaloisKeys", [Bytes(galois.Write)], source => Check(GaloisKeys.Read(source, context, [3, 4095])));
        yield return new("SEAL parameters", [Bytes(writer => SealFormat.Write(lattice.Parameters, writer))], source => SealFormat.ReadParameters(source), HasHeader: true);
        yield return new("SEAL secret key", [Bytes(writer => SealFormat.Write(_samples.Secret, writer))], source => SealFormat.ReadSecretKey(source, lattice).Dispose(), HasHeader: true);
        yield return new(
            "SEAL public key",
            [Bytes(writer => SealFormat.Write(_samples.Public, writer)), Bytes(writer => SealFormat.WriteSeededPublicKey(_samples.Secret, writer))],
            source => Check(SealFormat.ReadPublicKey(source, lattice)),
            HasHeader: true);
        yield return new(
            "SEAL relinearisation key",
            [Bytes(writer => SealFormat.Write(_samples.Relinearisation, writer)), Bytes(writer => SealFormat.WriteSeededRelinearisationKey(context, _samples.Secret, writer))],
            source => Check(SealFormat.ReadRelinearisationKey(source, context).Key),
            HasHeader: true);
        yield return new(
            "SEAL Galois keys",
            [Bytes(writer => SealFormat.Write(galois, writer)), Bytes(writer => SealFormat.WriteSeededGaloisKeys(context, _samples.Secret, galois.Elements, writer))],
            source => Check(SealFormat.ReadGaloisKeys(source, context)),
            HasHeader: true);
        var plain = Bytes(writer => SealFormat.Write(plaintext, writer));
        yield return new("SEAL plaintext", [plain], source => Check(SealFormat.ReadPlaintext(source, context)), HasHeader: true);
        yield return new(
            "SEAL ciphertext",
            [Bytes(writer => SealFormat.Write(encrypted, writer)), Bytes(writer => SealFormat.Write(product, writer))],
            source => Check(SealFormat.ReadCiphertext(source, context)),
            HasHeader: true);
        yield return new(
            "SEAL seeded ciphertext",
            [Bytes(writer => SealFormat.WriteSeeded(plaintext, _samples.Secret, writer))],
            source => Check(SealFormat.ReadCiphertext(source, context)),
            HasHeader: true);

        // What is packed is read by the same code once it is unpacked: mutations of the packed bytes, which seldom pass zlib's checksum.
        yield return new(
            "SEAL packed",
            [SealSamples.Pack(plain), Bomb(plain)],
            source => Check(SealFormat.ReadPlaintext(source, context)),
            HasHeader: true,
            SomePass: false,
            OnlyFirstIsValid: true);
    }

    /// <summary>The beginning of an object and then a mebibyte of zeros, in about a kilobyte.</summary>
    private static byte[] Bomb(byte[] bytes) => SealSamples.Pack([.. bytes[..120], .. new byte[1 << 20]]);

    private static byte[] Bytes(Action<IBufferWriter<byte>> write) => SealSamples.Bytes(write);

    private void Check(PublicKey key)
    {
        CheckRows(key.B);
        CheckRows(key.A);
    }

    private void Check(KeySwitchKey key)
    {
        for (var digit = 0; digit < key.Digits; digit++)
        {
            CheckRows(key.B(digit));
            CheckRows(key.A(digit));
        }
    }

    private void Check(GaloisKeys keys)
    {
        foreach (var element in keys.Elements)
            Check(keys.Get(element));
    }

    private void Check(CkksPlaintext plaintext)
    {
        CheckRows(plaintext.Polynomial);
        plaintext.Dispose();
    }

    private void Check(CkksCiphertext ciphertext)
    {
        for (var i = 0; i < ciphertext.Size; i++)
            CheckRows(ciphertext.Polynomial(i));
        ciphertext.Dispose();
    }

    /// <summary>What is accepted has residues of [0, p) only.</summary>
    private void CheckRows(ReadOnlySpan<double> rows)
    {
        var outside = 0;
        for (var i = 0; i < rows.Length; i++)
            outside += rows[i] >= 0 && rows[i] < _samples.Lattice.Tables[i >> 11].Modulus ? 0 : 1;
        Assert.Equal(0, outside);
    }

    private static void ReadParameters(ReadOnlySequence<byte> source)
    {
        var reader = new SequenceReader<byte>(source);
        LatticeParameters.Read(ref reader);
    }

    /// <summary>One to three changes; where there is a header, half of the results have their new length in it, so that what follows is reached.</summary>
    private byte[] Mutate(byte[] original, bool hasHeader, TestVectors vectors)
    {
        var bytes = (byte[])original.Clone();
        for (var changes = 1 + vectors.Below(3); changes > 0; changes--)
        {
            switch (vectors.Below(6))
            {
                case 0:
                    bytes = bytes[..Position(bytes.Length, vectors)];
                    break;
                case 1:
                    bytes = [.. bytes, .. bytes[..Math.Min(bytes.Length, vectors.Below(200))]];
                    break;
                case 2:
                    // The beginning of one file and the end of another, of any kind.
                    var other = _all[vectors.Below(_all.Count)];
                    bytes = [.. bytes[..Position(bytes.Length, vectors)], .. other[Position(other.Length, vectors)..]];
                    break;
                case 3 when bytes.Length >= 8:
                    BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(Position(bytes.Length - 7, vectors)), Extremes[vectors.Below(Extremes.Length)]);
                    break;
                case 4 when bytes.Length > 0:
                    bytes[Position(bytes.Length, vectors)] = (byte)vectors.Next();
                    break;
                default:
                    if (bytes.Length > 0)
                        bytes[Position(bytes.Length, vectors)] ^= (byte)(1 << vectors.Below(8));
                    break;
            }
        }

        if (hasHeader && bytes.Length >= 16 && vectors.Below(2) == 0)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), (ulong)bytes.Length);
        return bytes;
    }

    /// <summary>A position in a file; every other time among the fields at its beginning.</summary>
    private static int Position(int length, TestVectors vectors) =>
        length == 0 ? 0 : vectors.Below(vectors.Below(2) == 0 ? Math.Min(length, 140) : length);

    private sealed record Loader(
        string Name,
        IReadOnlyList<byte[]> Valid,
        Action<ReadOnlySequence<byte>> Read,
        bool HasHeader = false,
        bool SomePass = true,
        bool OnlyFirstIsValid = false);
}
