using System.Reflection;

namespace FedLab.Federation.Remote;

/// <summary>What both ends of a session agree on.</summary>
public static class LabProtocol
{
    /// <summary>Version of the contract in <c>proto/lab.proto</c>; another one is refused.</summary>
    public const int Version = 1;

    /// <summary>Length of the random identifier of a process in bytes.</summary>
    public const int InstanceBytes = 16;

    /// <summary>Largest chunk of a payload that a receiver accepts, in bytes.</summary>
    public const int MaximumChunkBytes = 4 << 20;

    /// <summary>Largest message of the contract in bytes: a chunk, or a finished run's manifest with what goes with it.</summary>
    public const int MaximumMessageBytes = 80 << 20;

    /// <summary>
    /// Bytes beyond the window that a sender may have on their way: what several envelopes at once put there between asking for room and being told that there is none.
    /// </summary>
    public const long WindowSlackBytes = 32L << 20;

    /// <summary>Time for either side's greeting.</summary>
    public static readonly TimeSpan GreetingTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Version of the running program, for greetings and logs.</summary>
    public static string SoftwareVersion { get; } =
        (Assembly.GetEntryAssembly() ?? typeof(LabProtocol).Assembly).GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
