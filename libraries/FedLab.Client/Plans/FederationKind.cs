using FedLab.Client.Resources;

namespace FedLab.Client.Plans;

/// <summary>What the institutions of a simulation share.</summary>
public enum FederationKind
{
    /// <summary>The same enterprises, other features.</summary>
    Vertical,

    /// <summary>The same features, other enterprises: banks.</summary>
    Horizontal,
}

/// <summary>Federations as they are typed.</summary>
public static class FederationKinds
{
    /// <summary>Reads <c>--federation</c>.</summary>
    /// <param name="text">The option's value; null for the vertical one.</param>
    /// <exception cref="ClientException">There is no such federation.</exception>
    public static FederationKind Parse(string? text) => text switch
    {
        null or "vertical" => FederationKind.Vertical,
        "horizontal" => FederationKind.Horizontal,
        _ => throw ClientException.Usage(Messages.FederationUnknown(text)),
    };
}
