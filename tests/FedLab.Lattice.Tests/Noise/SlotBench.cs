using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Tests.Noise;

/// <summary>One fresh key and all that is made of it.</summary>
internal sealed class SlotBench : IDisposable
{
    private readonly CkksContext _context;
    private readonly CkksEncoder _encoder;
    private readonly CkksEncryptor _symmetric;
    private readonly CkksDecryptor _decryptor;

    public SlotBench(CkksContext context, IEnumerable<int> elements)
    {
        _context = context;
        Key = SecretKey.Generate(context.Lattice);
        _encoder = new CkksEncoder(context);
        Public = new CkksEncryptor(context, PublicKey.Generate(Key));
        _symmetric = new CkksEncryptor(context, Key);
        _decryptor = new CkksDecryptor(context, Key);
        Evaluator = new CkksEvaluator(context);
        RelinearisationKey = RelinearisationKey.Generate(context, Key);
        GaloisKeys = GaloisKeys.Generate(context, Key, elements);
    }

    public SecretKey Key { get; }

    public CkksEncryptor Public { get; }

    public CkksEvaluator Evaluator { get; }

    public RelinearisationKey RelinearisationKey { get; }

    public GaloisKeys GaloisKeys { get; }

    /// <summary>Numbers of magnitude 1: their bound is their root mean square.</summary>
    public static Complex[] UnitCircle(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Complex.FromPolarCoordinates(1, RandomNumberGenerator.GetInt32(int.MaxValue) * (2 * Math.PI / int.MaxValue)))];

    public CkksPlaintext Encode(Complex[] slots, double scale, int level)
    {
        var plaintext = new CkksPlaintext(_context);
        _encoder.Encode(slots, plaintext, scale, level);
        return plaintext;
    }

    public CkksCiphertext EncryptPublic(Complex[] slots, double scale, int level) => Encrypt(Public, slots, scale, level);

    public CkksCiphertext EncryptSymmetric(Complex[] slots, double scale, int level) => Encrypt(_symmetric, slots, scale, level);

    public Complex[] Decrypt(CkksCiphertext ciphertext)
    {
        using var plaintext = new CkksPlaintext(_context);
        _decryptor.Decrypt(ciphertext, plaintext);
        var slots = new Complex[_context.SlotCount];
        _encoder.Decode(plaintext, slots);
        return slots;
    }

    public void Dispose() => Key.Dispose();

    private CkksCiphertext Encrypt(CkksEncryptor encryptor, Complex[] slots, double scale, int level)
    {
        using var plaintext = Encode(slots, scale, level);
        var ciphertext = new CkksCiphertext(_context);
        encryptor.Encrypt(plaintext, ciphertext);
        return ciphertext;
    }
}

/// <summary>Errors of slots over many keys.</summary>
internal sealed class SlotErrors
{
    private double _squares;
    private long _count;

    public double Largest { get; private set; }

    public double Deviation => Math.Sqrt(_squares / _count);

    public void Add(Complex[] slots, Func<int, Complex> expected)
    {
        for (var k = 0; k < slots.Length; k++)
        {
            var error = (slots[k] - expected(k)).Magnitude;
            _squares += error * error;
            Largest = Math.Max(Largest, error);
        }

        _count += slots.Length;
    }

    /// <summary>
    /// The largest error keeps below the worst case, which is not so loose that it would hide a mistake, and the typical figure is met to within a factor
    /// of 2 below (where a bound on slots was not reached) and a tenth above.
    /// </summary>
    public void AssertPlanned(string name, NoisePlan plan, ITestOutputHelper output, double least = 0.5, double most = 1.1, double looseness = 128)
    {
        var figures = string.Create(CultureInfo.InvariantCulture, $"{name}: deviation {Deviation:G4} of {plan.Error.StandardDeviation:G4}, largest {Largest:G4} of {plan.Error.WorstCase:G4}");
        output.WriteLine(figures);
        Assert.True(Largest <= plan.Error.WorstCase, figures);
        Assert.True(plan.Error.WorstCase <= looseness * Largest, figures);
        Assert.True(Deviation >= least * plan.Error.StandardDeviation && Deviation <= most * plan.Error.StandardDeviation, figures);
    }
}
