namespace FedLab.Synthesis;

/// <summary>The standard normal distribution: cumulative distribution Φ and its inverse.</summary>
internal static class NormalDistribution
{
    /// <summary>
    /// Φ⁻¹(p) for 0 &lt; p &lt; 1, relative error about 1e-16: algorithm AS 241, PPND16 (Wichura, Applied Statistics 37, 1988).
    /// </summary>
    public static double Quantile(double p)
    {
        var q = p - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            var r = 0.180625 - q * q;
            return q * (((((((2.5090809287301226727e+3 * r + 3.3430575583588128105e+4) * r + 6.7265770927008700853e+4) * r
                + 4.5921953931549871457e+4) * r + 1.3731693765509461125e+4) * r + 1.9715909503065514427e+3) * r
                + 1.3314166789178437745e+2) * r + 3.3871328727963666080e0)
                / (((((((5.2264952788528545610e+3 * r + 2.8729085735721942674e+4) * r + 3.9307895800092710610e+4) * r
                + 2.1213794301586595867e+4) * r + 5.3941960214247511077e+3) * r + 6.8718700749205790830e+2) * r
                + 4.2313330701600911252e+1) * r + 1.0);
        }

        var tail = Math.Sqrt(-Math.Log(q < 0 ? p : 1.0 - p));
        double value;
        if (tail <= 5.0)
        {
            var r = tail - 1.6;
            value = (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r
                + 1.27045825245236838258e0) * r + 3.64784832476320460504e0) * r + 5.76949722146069140550e0) * r
                + 4.63033784615654529590e0) * r + 1.42343711074968357734e0)
                / (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r
                + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940e0) * r
                + 2.05319162663775882187e0) * r + 1.0);
        }
        else
        {
            var r = tail - 5.0;
            value = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r
                + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580e0) * r
                + 5.46378491116411436990e0) * r + 6.65790464350110377720e0)
                / (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r + 1.84631831751005468180e-5) * r
                + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r
                + 5.99832206555887937690e-1) * r + 1.0);
        }

        return q < 0 ? -value : value;
    }

    /// <summary>
    /// Φ(x), relative error about 1e-16 down to 1e-300: the rational approximations of Cody (Mathematics of Computation 23, 1969)
    /// in the form of algorithm 715 (ACM TOMS 19, 1993).
    /// </summary>
    public static double Cumulative(double x)
    {
        const double Middle = 0.67448975;
        const double Outer = 5.656854249492380195206754896838;    // sqrt(32)
        const double InverseRootTwoPi = 0.398942280401432677939946059934;
        var y = Math.Abs(x);
        if (y <= Middle)
        {
            var s = x * x;
            var numerator = (((0.065682337918207449113 * s + 2.2352520354606839287) * s + 161.02823106855587881) * s
                + 1067.6894854603709582) * s + 18154.981253343561249;
            var denominator = (((s + 47.20258190468824187) * s + 976.09855173777669322) * s + 10260.932208618978205) * s
                + 45507.789335026729956;
            return 0.5 + x * numerator / denominator;
        }

        double ratio;
        if (y <= Outer)
        {
            var numerator = (((((((1.0765576773720192317e-8 * y + 0.39894151208813466764) * y + 8.8831497943883759412) * y
                + 93.506656132177855979) * y + 597.27027639480026226) * y + 2494.5375852903726711) * y
                + 6848.1904505362823326) * y + 11602.651437647350124) * y + 9842.7148383839780218;
            var denominator = (((((((y + 22.266688044328115691) * y + 235.38790178262499861) * y + 1519.377599407554805) * y
                + 6485.558298266760755) * y + 18615.571640885098091) * y + 34900.952721145977266) * y
                + 38912.003286093271411) * y + 19685.429676859990727;
            ratio = numerator / denominator;
        }
        else
        {
            var s = 1.0 / (x * x);
            var numerator = ((((0.02307344176494017303 * s + 0.21589853405795699) * s + 0.1274011611602473639) * s
                + 0.022235277870649807) * s + 0.001421619193227893466) * s + 2.9112874951168792e-5;
            var denominator = ((((s + 1.28426009614491121) * s + 0.468238212480865118) * s + 0.0659881378689285515) * s
                + 0.00378239633202758244) * s + 7.29751555083966205e-5;
            ratio = (InverseRootTwoPi - s * numerator / denominator) / y;
        }

        // exp(-y²/2) in two factors, so that the rounding of y² does not cost digits in the tail.
        var head = Math.Truncate(y * 16.0) / 16.0;
        var rest = (y - head) * (y + head);
        var tail = Math.Exp(-head * head * 0.5) * Math.Exp(-rest * 0.5) * ratio;
        return x > 0 ? 1.0 - tail : tail;
    }
}
