using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace FedLab.Tests;

/// <summary>
/// How far the tests search for an input that breaks a property. A run of the tests draws the same inputs each time, so that it fails
/// for what changed and for nothing else; with FEDLAB_PROPERTY_SEARCH=20 each property meets twenty times as many inputs, drawn anew.
/// A failure prints the input.
/// </summary>
internal static class PropertySearch
{
    private static readonly int Factor = Environment.GetEnvironmentVariable("FEDLAB_PROPERTY_SEARCH") switch
    {
        null or "" => 0,
        var text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var factor) && factor is > 0 and <= 10_000
            ? factor
            : throw new InvalidOperationException($"FEDLAB_PROPERTY_SEARCH is '{text}'; give a whole number from 1 to 10000."),
    };

    private static readonly Rnd Seed = new(20_261_122, 4_711);

    /// <summary>Throws with the smallest input found that breaks the property, if there is one.</summary>
    public static void Search(this Property property, int inputs = 100)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(inputs * Math.Max(1, Factor));
        property.Check(Factor > 0 ? config : config.WithReplay(FSharpOption<Replay>.Some(new Replay(Seed, FSharpOption<int>.None))));
    }

    /// <summary>Inputs for a test that goes through them itself: the same each time, or so many times as many that are drawn anew.</summary>
    public static IEnumerable<T> Draw<T>(this Gen<T> inputs, int count, int size) =>
        Factor > 0 ? inputs.Sample(numberOfSamples: count * Factor, size: size) : inputs.Sample(numberOfSamples: count, seed: Seed, size: size);
}
