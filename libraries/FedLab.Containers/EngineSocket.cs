namespace FedLab.Containers;

/// <summary>Where an engine listens: only unix sockets, so that whoever may open the file may use the engine and nobody else.</summary>
public static class EngineSocket
{
    /// <summary>Where Docker's own packages put it.</summary>
    public const string Default = "/var/run/docker.sock";

    /// <summary>The variable by which Docker's own programs find it.</summary>
    public const string Variable = "DOCKER_HOST";

    private const string Scheme = "unix://";

    /// <summary>The socket named, or the environment's, or the default.</summary>
    /// <param name="named">A path or <c>unix://</c> address; null for the environment's.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <returns>An absolute path.</returns>
    /// <exception cref="EngineException">It is the address of something else than a unix socket.</exception>
    public static string Choose(string? named, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var text = !string.IsNullOrEmpty(named) ? named : environment(Variable) is { Length: > 0 } other ? other : Default;
        var path = text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : text;
        if (path.Length == 0 || path.Contains("://", StringComparison.Ordinal)) throw new EngineException(EngineFailure.Absent, Messages.SocketInvalid(text));
        return Path.GetFullPath(path);
    }
}
