using FsCheck.Fluent;

namespace FedLab.Learning.Tests;

/// <summary>Properties over seeds from all of int; a failure prints the seed.</summary>
internal static class Property
{
    public static void Holds(int runs, Action<int> property) =>
        Prop.ForAll(Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary(), property).Search(runs);
}
