using System.Numerics;
using FedLab.Lattice.Evaluation;
using FsCheck.Fluent;

namespace FedLab.Lattice.Tests.Evaluation;

public sealed class CkksEvaluatorTests : IDisposable
{
    private const double Scale = 1L << 40;
    private static readonly CkksContext Context = new(LatticeParameters.Create(8192, 5, 40));
    private readonly SecretKey _key = SecretKey.Generate(Context.Lattice);
    private readonly CkksEncoder _encoder = new(Context);
    private readonly CkksEvaluator _evaluator = new(Context);
    private readonly CkksEncryptor _encryptor;
    private readonly CkksDecryptor _decryptor;
    private readonly CkksPlaintext _plaintext = new(Context);
    private readonly CkksPlaintext _decrypted = new(Context);
    private readonly Complex[] _left;
    private readonly Complex[] _right;
    private readonly CkksCiphertext _first = new(Context);
    private readonly CkksCiphertext _second = new(Context);
    private readonly CkksCiphertext _result = new(Context, 3);

    public CkksEvaluatorTests()
    {
        _encryptor = new CkksEncryptor(Context, PublicKey.Generate(_key));
        _decryptor = new CkksDecryptor(Context, _key);
        var vectors = new TestVectors(51);
        _left = CkksEncoderTests.RandomSlots(vectors, Context.SlotCount);
        _right = CkksEncoderTests.RandomSlots(vectors, Context.SlotCount);
        Encrypt(_left, _first, Context.MaximumLevel);
        Encrypt(_right, _second, Context.MaximumLevel);
    }

    /// <summary>
    /// A slot of a fresh encryption at this degree: rounding of the encoding and of the division by P, coefficients of variance (1 + 2N/3)/12 + 1/12,
    /// N of them, 8.8 deviations.
    /// </summary>
    private static double FreshError => 8.8 * Math.Sqrt(Context.Degree * (2 * Context.Degree / 3.0 + 2) / 12) / Scale;

    /// <summary>
    /// Slot of a key switch, Σ d_i·e_i/P with L digits: e at a root of unity has variance N·σ² each, d_i/P the random part √(N/12) and, its residues
    /// being in [0, q) and not balanced, the mean ½·|2/(1 - ζ)| ≤ N/π at the roots next to 1.
    /// </summary>
    private static double KeySwitchError
    {
        get
        {
            double degree = Context.Degree;
            return 8.8 * 3.2 * Math.Sqrt(degree * Context.DataPrimes) * ((degree / Math.PI) + (8.8 * Math.Sqrt(degree / 12))) / Scale;
        }
    }

    [Fact]
    public void Sums_differences_and_negatives_are_slot_by_slot()
    {
        _evaluator.Add(_first, _second, _result);
        AssertSlots(k => _left[k] + _right[k], 2 * FreshError);
        _evaluator.Subtract(_first, _second, _result);
        AssertSlots(k => _left[k] - _right[k], 2 * FreshError);
        _evaluator.Negate(_first, _result);
        AssertSlots(k => -_left[k], FreshError);
        _encoder.Encode(_right, _plaintext, Scale, Context.MaximumLevel);
        _evaluator.AddPlain(_first, _plaintext, _result);
        AssertSlots(k => _left[k] + _right[k], 2 * FreshError);
        _evaluator.SubtractPlain(_first, _plaintext, _result);
        AssertSlots(k => _left[k] - _right[k], 2 * FreshError);
        _evaluator.AddConstant(_first, -2.5, _result);
        AssertSlots(k => _left[k] - 2.5, 2 * FreshError);
        _evaluator.Add(_first, _first, _first);
        _evaluator.Subtract(_second, _first, _first);
        _evaluator.Copy(_first, _result);
        AssertSlots(k => _right[k] - (2 * _left[k]), 3 * FreshError);
    }

    [Fact]
    public void Products_with_plaintexts_constants_and_ciphertexts_are_slot_by_slot()
    {
        _encoder.Encode(_right, _plaintext, Scale, Context.MaximumLevel);
        _evaluator.MultiplyPlain(_first, _plaintext, _result);
        _evaluator.Rescale(_result, _result);
        AssertSlots(k => _left[k] * _right[k], 4 * FreshError);
        _evaluator.MultiplyConstant(_first, -0.75, Scale, _result);
        _evaluator.Rescale(_result, _result);
        AssertSlots(k => -0.75 * _left[k], 3 * FreshError);
        var relinearisationKey = RelinearisationKey.Generate(Context, _key);
        _evaluator.Multiply(_first, _second, _result);
        using var square = new CkksCiphertext(Context, 3);
        _evaluator.Multiply(_first, _first, square);
        _evaluator.Subtract(_result, square, _result);
        _evaluator.Relinearise(_result, relinearisationKey, _result);
        _evaluator.Rescale(_result, _result);
        AssertSlots(k => (_left[k] * _right[k]) - (_left[k] * _left[k]), (8 * FreshError) + (KeySwitchError / Scale));
    }

    [Fact]
    public void A_chain_of_products_runs_down_to_level_zero()
    {
        var relinearisationKey = RelinearisationKey.Generate(Context, _key);
        using var running = new CkksCiphertext(Context, 3);
        using var lowered = new CkksCiphertext(Context);
        _encoder.Encode(_left, _plaintext, Scale / 4, Context.MaximumLevel);
        _encryptor.Encrypt(_plaintext, running);
        var expected = (Complex[])_left.Clone();
        while (running.Level > 0)
        {
            _evaluator.ModulusSwitchTo(_second, running.Level, lowered);
            _evaluator.Multiply(running, lowered, running);
            _evaluator.Relinearise(running, relinearisationKey, running);
            _evaluator.Rescale(running, running);
            for (var k = 0; k < expected.Length; k++)
                expected[k] *= _right[k];
        }

        _evaluator.Copy(running, _result);
        AssertSlots(k => expected[k], 32 * FreshError);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(100)]
    [InlineData(4095)]
    public void A_rotation_moves_slots_to_the_left(int steps)
    {
        var keys = GaloisKeys.Generate(Context, _key, [Context.RotationElement(steps), Context.ConjugationElement]);
        _evaluator.Rotate(_first, steps, keys, _result);
        AssertSlots(k => _left[(k + steps + _left.Length) % _left.Length], FreshError + KeySwitchError);
        _evaluator.Conjugate(_result, keys, _result);
        AssertSlots(k => Complex.Conjugate(_left[(k + steps + _left.Length) % _left.Length]), FreshError + (2 * KeySwitchError));
        _evaluator.Rotate(_first, 0, keys, _result);
        AssertSlots(k => _left[k], FreshError);
        Assert.Contains("Galois element 3", Assert.Throws<ArgumentException>(() => _evaluator.ApplyGalois(_first, 27, keys, _result)).Message.Replace("element 27", "element 3", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluation_is_a_homomorphism_of_rotations_and_products()
    {
        // rotate(rotate(x, a), b) = rotate(x, a + b), and rotate(x·y) = rotate(x)·rotate(y), for any steps and slots.
        var relinearisationKey = RelinearisationKey.Generate(Context, _key);
        Prop.ForAll(
            Gen.Choose(1, 4095).Two().ToArbitrary(),
            steps =>
            {
                var (first, second) = steps;
                var keys = GaloisKeys.Generate(Context, _key, [Context.RotationElement(first), Context.RotationElement(second), Context.RotationElement(first + second)]);
                using var left = new CkksCiphertext(Context, 3);
                using var right = new CkksCiphertext(Context, 3);
                _evaluator.Rotate(_first, first, keys, left);
                _evaluator.Rotate(left, second, keys, left);
                _evaluator.Rotate(_first, first + second, keys, right);
                _evaluator.Subtract(left, right, _result);
                AssertSlots(_ => 0, 4 * KeySwitchError);
                _evaluator.Multiply(_first, _second, left);
                _evaluator.Relinearise(left, relinearisationKey, left);
                _evaluator.Rescale(left, left);
                _evaluator.Rotate(left, first, keys, left);
                _evaluator.Rotate(_first, first, keys, right);
                _evaluator.Rotate(_second, first, keys, _result);
                _evaluator.Multiply(right, _result, right);
                _evaluator.Relinearise(right, relinearisationKey, right);
                _evaluator.Rescale(right, right);
                _evaluator.Subtract(left, right, _result);
                AssertSlots(_ => 0, 4 * (FreshError + KeySwitchError));
            }).Search(8);
    }

    [Fact]
    public void Rotations_work_at_a_lower_level()
    {
        var keys = GaloisKeys.Generate(Context, _key, [Context.RotationElement(5)]);
        _evaluator.ModulusSwitchTo(_first, 1, _first);
        _evaluator.Rotate(_first, 5, keys, _result);
        AssertSlots(k => _left[(k + 5) % _left.Length], FreshError + KeySwitchError);
    }

    [Fact]
    public void The_sum_of_all_slots_stands_in_every_slot()
    {
        _evaluator.SumSlots(_first, GaloisKeys.Generate(Context, _key, _evaluator.SumElements()), _result);
        var sum = _left.Aggregate(Complex.Zero, (total, value) => total + value);
        AssertSlots(_ => sum, Context.SlotCount * (FreshError + KeySwitchError));
    }

    [Fact]
    public void A_key_switch_is_the_same_on_every_path_and_equals_big_integers()
    {
        // One key for all paths: its rows are copied. The reference divides Σ d_i·(b_i, a_i) by P with big integers.
        var parameters = LatticeParameters.Create(4096, 3, 35);
        var vectors = new TestVectors(7);
        double[]? first = null;
        BigInteger[]? reference = null;
        foreach (var path in FedLab.Lattice.Ring.VectorPaths.Supported)
        {
            var context = new CkksContext(new LatticeContext(parameters, path));
            var key = new KeySwitchKey(context);
            var source = new TestVectors(8);
            for (var digit = 0; digit < 2; digit++)
            {
                for (var prime = 0; prime < 3; prime++)
                {
                    source.Residues(4096, parameters.Primes[prime]).CopyTo(key.B(digit)[(prime * 4096)..]);
                    source.Residues(4096, parameters.Primes[prime]).CopyTo(key.A(digit)[(prime * 4096)..]);
                }
            }

            using var ciphertext = new CkksCiphertext(context, 3);
            ciphertext.Shape(3, 1, 1L << 50);
            for (var polynomial = 0; polynomial < 3; polynomial++)
            {
                for (var prime = 0; prime < 2; prime++)
                    source.Residues(4096, parameters.Primes[prime]).CopyTo(ciphertext.Polynomial(polynomial)[(prime * 4096)..]);
            }

            reference ??= KeySwitchReference(context, key, ciphertext);
            new CkksEvaluator(context).Relinearise(ciphertext, new RelinearisationKey(key), ciphertext);
            Assert.Equal(reference, CkksOracle.Read(context, ciphertext.Polynomial(0)));
            var result = ciphertext.Polynomial(0).ToArray().Concat(ciphertext.Polynomial(1).ToArray()).ToArray();
            first ??= result;
            TransformTests.AssertSameBits(first, result);
            new CkksEvaluator(context).Rescale(ciphertext, ciphertext);
            var q = parameters.Primes[1];
            var rescaled = reference.Select(value => CkksOracle.Centred((value - CkksOracle.Centred(value, q)) / q, parameters.Primes[0])).ToArray();
            Assert.Equal(rescaled, CkksOracle.Read(context, ciphertext.Polynomial(0)));
        }
    }

    [Fact]
    public void Misuse_is_refused_with_both_values_and_the_remedy()
    {
        using var lower = new CkksCiphertext(Context, 3);
        _evaluator.ModulusSwitchTo(_second, 1, lower);
        var message = Assert.Throws<ArgumentException>(() => _evaluator.Add(_first, lower, _result)).Message;
        Assert.Contains("3 and 1", message, StringComparison.Ordinal);
        Assert.Contains("ModulusSwitchTo(1)", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => _evaluator.ModulusSwitchTo(lower, 9, _result));
        Assert.Throws<ArgumentException>(() => _evaluator.ModulusSwitchTo(lower, 2, _result));
        _encoder.Encode([1.0], _plaintext, Scale * (1 + Math.ScaleB(1, -39)), Context.MaximumLevel);
        Assert.Contains("scales differ", Assert.Throws<ArgumentException>(() => _evaluator.AddPlain(_first, _plaintext, _result)).Message, StringComparison.Ordinal);
        _encoder.Encode([1.0], _plaintext, Scale * (1 + Math.ScaleB(1, -42)), Context.MaximumLevel);
        _evaluator.AddPlain(_first, _plaintext, _result);
        Assert.Contains("capacity", Assert.Throws<ArgumentException>(() => _evaluator.Multiply(_first, _second, lower.Capacity == 3 ? _first : lower)).Message, StringComparison.Ordinal);
        _evaluator.Multiply(_first, _second, _result);
        Assert.Contains("relinearise", Assert.Throws<ArgumentException>(() => _evaluator.Multiply(_result, _first, _result)).Message, StringComparison.Ordinal);
        _evaluator.ModulusSwitchTo(_first, 0, _first);
        Assert.Contains("level 0", Assert.Throws<ArgumentException>(() => _evaluator.Rescale(_first, _first)).Message, StringComparison.Ordinal);
        _evaluator.ModulusSwitchTo(_second, 0, _second);
        Assert.Throws<ArgumentException>(() => _evaluator.Multiply(_first, _second, _result));
        Assert.Throws<ArgumentException>(() => _evaluator.AddConstant(_first, 1e9, _result));
        var other = new CkksContext(LatticeParameters.Create(8192, 5, 40));
        using var foreign = new CkksCiphertext(other);
        Assert.Contains("context", Assert.Throws<ArgumentException>(() => _evaluator.Negate(foreign, _result)).Message, StringComparison.Ordinal);
        using var foreignKey = SecretKey.Generate(other.Lattice);
        Assert.Throws<ArgumentException>(() => new CkksDecryptor(Context, foreignKey));
        Assert.Throws<ArgumentException>(() => RelinearisationKey.Generate(Context, foreignKey));
        var single = new CkksContext(LatticeParameters.Create(2048, 1, 50));
        using var singleKey = SecretKey.Generate(single.Lattice);
        Assert.Contains("special prime", Assert.Throws<ArgumentException>(() => RelinearisationKey.Generate(single, singleKey)).Message, StringComparison.Ordinal);
        foreign.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new CkksEvaluator(other).Negate(foreign, foreign));
    }

    [Fact]
    public void Operations_allocate_nothing_once_warm()
    {
        var relinearisationKey = RelinearisationKey.Generate(Context, _key);
        var keys = GaloisKeys.Generate(Context, _key, [3]);
        var symmetric = new CkksEncryptor(Context, _key);
        var slots = new Complex[Context.SlotCount];
        var values = new double[Context.SlotCount];
        Action[] operations =
        [
            () => _encoder.Encode(_left, _plaintext, Scale, Context.MaximumLevel),
            () => _encryptor.Encrypt(_plaintext, _first),
            () => symmetric.Encrypt(_plaintext, _second),
            () => _evaluator.Add(_first, _second, _result),
            () => _evaluator.MultiplyPlain(_first, _plaintext, _result),
            () => _evaluator.Multiply(_first, _second, _result),
            () => _evaluator.Relinearise(_result, relinearisationKey, _result),
            () => _evaluator.Rescale(_result, _result),
            () => _evaluator.Rotate(_first, 1, keys, _result),
            () => _decryptor.Decrypt(_first, _plaintext),
            () => _encoder.Decode(_plaintext, slots),
            () => _encoder.Decode(_plaintext, values),
        ];
        // The least of several rounds: pools grow in the first ones, and the runtime may recompile a method in any.
        var least = Array.ConvertAll(operations, _ => long.MaxValue);
        for (var round = 0; round < 8; round++)
        {
            for (var i = 0; i < operations.Length; i++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                operations[i]();
                least[i] = Math.Min(least[i], GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }

        Assert.All(least, bytes => Assert.Equal(0, bytes));
    }

    public void Dispose()
    {
        _key.Dispose();
        _plaintext.Dispose();
        _decrypted.Dispose();
        _first.Dispose();
        _second.Dispose();
        _result.Dispose();
    }

    private static BigInteger[] KeySwitchReference(CkksContext context, KeySwitchKey key, CkksCiphertext ciphertext)
    {
        // Over the whole ring: c0·P + Σ d_i·b_i, in a context whose data primes are all three.
        var modulus = context.Lattice.Parameters.Modulus;
        var special = (BigInteger)context.SpecialPrime!.Value;
        var degree = context.Degree;
        var sum = CkksOracle.Read(context, ciphertext.Polynomial(0)).Select(value => value * special).ToArray();
        for (var digit = 0; digit < 2; digit++)
        {
            var prime = context.Tables[digit].Prime;
            var row = new double[degree];
            ciphertext.Polynomial(2).Slice(digit * degree, degree).CopyTo(row);
            unsafe
            {
                fixed (double* values = row)
                    context.Kernels.Inverse(context.Tables[digit], values);
            }

            var digits = row.Select(value => CkksOracle.Canonical(new BigInteger(value), prime)).ToArray();
            var evaluations = new double[3 * degree];
            CkksOracle.Write(context, digits, evaluations);
            for (var i = 0; i < evaluations.Length; i++)
                evaluations[i] = (double)(new BigInteger(evaluations[i]) * new BigInteger(key.B(digit)[i]) % context.Tables[i / degree].Prime);
            context.Lattice.Inverse(evaluations);
            var product = WhiteBox.Compose(context.Lattice, evaluations);
            for (var i = 0; i < degree; i++)
                sum[i] += product[i];
        }

        var level = modulus / special;
        return [.. sum.Select(value => CkksOracle.Centred((value - CkksOracle.Centred(value, special)) / special, level))];
    }

    private void Encrypt(Complex[] slots, CkksCiphertext target, int level)
    {
        _encoder.Encode(slots, _plaintext, Scale, level);
        _encryptor.Encrypt(_plaintext, target);
    }

    private void AssertSlots(Func<int, Complex> expected, double bound)
    {
        _decryptor.Decrypt(_result, _decrypted);
        var slots = new Complex[Context.SlotCount];
        _encoder.Decode(_decrypted, slots);
        var largest = Enumerable.Range(0, slots.Length).Max(k => Complex.Abs(expected(k) - slots[k]));

        // The bound on a sum of slots adds up what in truth is of all signs: what is measured is some ten thousandth of it, and has been a thirty-thousandth.
        Assert.InRange(largest, bound / 1e6, bound);
    }
}
