namespace FedLab.Client.Simulations;

/// <summary>Adds payload bytes by step up to bytes by phase.</summary>
internal static class PhaseBytes
{
    /// <summary>Name of the sum over all phases.</summary>
    public const string Total = "total";

    /// <summary>Name of the training bytes of one tree, both directions.</summary>
    public const string PerTree = "perTree";

    /// <summary>The phase that a step belongs to.</summary>
    /// <param name="step">Name of the step on the wire.</param>
    public static string PhaseOf(string step) => step.Split('.')[0] switch
    {
        "align" => "alignment",
        "scan" or "split" or "tree" => "training",
        "score" => "evaluation",
        "publish" => "publication",
        _ => "session",
    };

    /// <summary>Bytes by phase, in the order of a run, with the total and the bytes of a tree.</summary>
    /// <param name="steps">Bytes by step.</param>
    /// <param name="trees">Number of trees; 0 leaves the bytes of a tree out.</param>
    public static IReadOnlyDictionary<string, long> Sum(IReadOnlyDictionary<string, long> steps, int trees)
    {
        var phases = new OrderedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var phase in new[] { "session", "alignment", "training", "evaluation", "publication" })
            phases[phase] = steps.Where(step => PhaseOf(step.Key) == phase).Sum(step => step.Value);
        phases[Total] = steps.Values.Sum();
        if (trees > 0) phases[PerTree] = phases["training"] / trees;
        return phases;
    }
}
