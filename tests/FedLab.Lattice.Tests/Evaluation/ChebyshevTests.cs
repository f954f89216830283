using FedLab.Lattice.Evaluation;

namespace FedLab.Lattice.Tests.Evaluation;

public class ChebyshevTests
{
    [Fact]
    public void A_series_interpolates_and_is_evaluated_as_defined()
    {
        var series = ChebyshevSeries.Interpolate(Sigmoid, 31, -12, 12);
        for (var x = -12.0; x <= 12; x += 0.25)
            Assert.Equal(Sigmoid(x), series.Evaluate(x), 1e-3);
        var small = new ChebyshevSeries([1, 2, 3, 4], 1, 3);
        var y = 0.4;
        Assert.Equal(1 + (2 * y) + (3 * ((2 * y * y) - 1)) + (4 * ((4 * y * y * y) - (3 * y))), small.Evaluate(2.4), 1e-12);
        Assert.Equal([1, 2, 2, 3, 3, 4, 5], new[] { 1, 2, 3, 4, 7, 15, 31 }.Select(degree => new ChebyshevSeries(new double[degree + 1], 0, 1).Depth));
        Assert.Throws<ArgumentException>(() => new ChebyshevSeries([1], 0, 1));
        Assert.Throws<ArgumentException>(() => new ChebyshevSeries([1, double.NaN], 0, 1));
        Assert.Throws<ArgumentException>(() => new ChebyshevSeries([1, 2], 1, 1));
    }

    [Theory]
    [InlineData(8192, 5, 40, 1, -2.0, 3.0)]
    [InlineData(8192, 5, 40, 2, -1.0, 1.0)]
    [InlineData(8192, 5, 40, 3, 0.5, 7.0)]
    [InlineData(16384, 7, 45, 5, -3.0, 3.0)]
    [InlineData(16384, 7, 45, 11, -8.0, 8.0)]
    [InlineData(16384, 8, 45, 15, -12.0, 12.0)]
    [InlineData(16384, 8, 45, 27, -12.0, 10.0)]
    [InlineData(16384, 8, 45, 31, -12.0, 12.0)]
    public void A_series_is_evaluated_in_every_slot_at_the_least_depth_and_the_asked_scale(int ring, int primeCount, int primeBits, int degree, double minimum, double maximum)
    {
        var context = new CkksContext(LatticeParameters.Create(ring, primeCount, primeBits));
        using var key = SecretKey.Generate(context.Lattice);
        var series = ChebyshevSeries.Interpolate(Sigmoid, degree, minimum, maximum);
        var encoder = new CkksEncoder(context);
        var points = Enumerable.Range(0, context.SlotCount).Select(k => minimum + ((maximum - minimum) * k / (context.SlotCount - 1))).ToArray();
        using var plaintext = new CkksPlaintext(context);
        using var ciphertext = new CkksCiphertext(context);
        using var result = new CkksCiphertext(context);
        var scale = ChebyshevEvaluator.SourceScale(context, context.MaximumLevel, series);
        encoder.Encode(points, plaintext, scale, context.MaximumLevel);
        new CkksEncryptor(context, key).Encrypt(plaintext, ciphertext);
        var target = Math.ScaleB(1.37, primeBits - 2);
        new ChebyshevEvaluator(context, RelinearisationKey.Generate(context, key)).Evaluate(ciphertext, series, target, result);
        Assert.Equal(context.MaximumLevel - series.Depth, result.Level);
        Assert.Equal(target, result.Scale);
        new CkksDecryptor(context, key).Decrypt(result, plaintext);
        var values = new double[context.SlotCount];
        encoder.Decode(plaintext, values);

        // Each of the products adds the rounding of a division to a slot, about √(N/12)·√(2N/3) units of the scale; giants double
        // errors of what they multiply a few times.
        var bound = 64 * 8.8 * Math.Sqrt(context.Degree * (2 * context.Degree / 3.0) / 12) / target;
        var largest = Enumerable.Range(0, values.Length).Max(k => Math.Abs(series.Evaluate(points[k]) - values[k]));
        Assert.InRange(largest, 0, bound);
        if (series.Depth < 4)
            return;
        encoder.Encode(points, plaintext, scale * 4, context.MaximumLevel);
        new CkksEncryptor(context, key).Encrypt(plaintext, ciphertext);
        Assert.Contains("SourceScale", Assert.Throws<ArgumentException>(() => new ChebyshevEvaluator(context, RelinearisationKey.Generate(context, key)).Evaluate(ciphertext, series, target, result)).Message, StringComparison.Ordinal);
        Assert.Contains("levels", Assert.Throws<ArgumentException>(() => new ChebyshevEvaluator(context, RelinearisationKey.Generate(context, key)).Evaluate(result, series, target, result)).Message, StringComparison.Ordinal);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
