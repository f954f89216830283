using FedLab.EndToEnd.Tests.Containers;
using Xunit.Sdk;
using Xunit.v3;

namespace FedLab.EndToEnd.Tests.Support;

/// <summary>
/// Begins with the labs of containers: they come one after the other and together take as long as half of all other tests, so that one thread would wait for them at
/// the end.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => collection.TestCollectionDisplayName == ContainerEngine.Name)];
}
