using System.Globalization;
using System.Net;
using FedLab.Federation.Remote;

namespace FedLab.Participant.Workers;

/// <summary>The arguments of <c>participant --role worker</c>.</summary>
internal sealed record WorkerArguments
{
    /// <summary>The folder that holds <c>keys/</c>.</summary>
    public string Home { get; private init; } = "";

    /// <summary>Where it listens.</summary>
    public IPEndPoint Listen { get; private init; } = new(IPAddress.Any, WorkerOptions.DefaultPort);

    /// <summary>Where it tells how it is; null: nowhere.</summary>
    public IPEndPoint? Management { get; private init; }

    /// <summary>Threads that computations may use.</summary>
    public int Threads { get; private init; } = Environment.ProcessorCount;

    /// <summary>Mebibytes for kept transforms.</summary>
    public int MemoryMiB { get; private init; } = 1024;

    /// <summary>Whether the end of standard input ends the program.</summary>
    public bool StopsWithInput { get; private init; }

    /// <summary>Asks for the usage.</summary>
    public bool Help { get; private init; }

    /// <summary>Whether a command line starts a worker.</summary>
    public static bool AreMeant(IReadOnlyList<string> arguments) =>
        Enumerable.Range(0, arguments.Count).Any(i => arguments[i] == "--role" && i + 1 < arguments.Count && arguments[i + 1] == "worker");

    /// <summary>Reads a command line.</summary>
    /// <exception cref="ConfigurationException">An argument is not known, lacks its value or is out of range.</exception>
    public static WorkerArguments Parse(IReadOnlyList<string> arguments)
    {
        var parsed = new WorkerArguments();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            if (name is "--help" or "-h" or "--stop-with-stdin")
            {
                parsed = name == "--stop-with-stdin" ? parsed with { StopsWithInput = true } : parsed with { Help = true };
                continue;
            }
            if (i + 1 == arguments.Count) throw new ConfigurationException(Messages.UnknownArgument(name));
            var value = arguments[++i];
            parsed = name switch
            {
                "--role" when value == "worker" => parsed,
                "--home" => parsed with { Home = Path.GetFullPath(value) },
                "--listen" => parsed with { Listen = EndPoint(value) },
                "--management" => parsed with { Management = IPEndPoint.TryParse(value, out var management) && management.Port > 0 ? management : throw new ConfigurationException(Messages.MustBeHostAndPort(value)) },
                "--threads" => parsed with { Threads = Number(name, value, 1, 1024) },
                "--memory" => parsed with { MemoryMiB = Number(name, value, 0, 1 << 20) },
                _ => throw new ConfigurationException(Messages.UnknownArgument(name)),
            };
        }
        return parsed;
    }

    private static IPEndPoint EndPoint(string value) =>
        WorkerAddress.TryParse(value, out var address) && IPAddress.TryParse(address.Host, out var host) ? new IPEndPoint(host, address.Port) : throw new ConfigurationException(Messages.MustBeHostAndPort(value));

    private static int Number(string name, string value, int low, int high) =>
        !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? throw new ConfigurationException(Messages.UnknownArgument(name))
        : number < low || number > high ? throw new ConfigurationException($"{name}: {Messages.MustBeBetween(number, low, high)}")
        : number;
}
