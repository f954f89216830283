using FedLab.Data;
using FedLab.Federation.Remote;
using FedLab.Operation.Configuration;
using FedLab.Participant.Configuration;
using FedLab.Sources;

namespace FedLab.Participant.Checks;

/// <summary>The arguments of <c>participant data check</c>: a home folder whose configuration says what to read, or a file and its columns.</summary>
internal sealed record DataCheckArguments
{
    /// <summary>Shows the result as one JSON object.</summary>
    public bool Json { get; private init; }

    /// <summary>Asks for the usage.</summary>
    public bool Help { get; private init; }

    private string? Home { get; init; }

    private IReadOnlyList<string> Settings { get; init; } = [];

    private string? Data { get; init; }

    private DataOptions Columns { get; init; } = new() { Key = "" };

    /// <summary>Reads the arguments behind <c>data check</c>.</summary>
    /// <exception cref="ConfigurationException">One is not known, lacks its value or does not go with another.</exception>
    public static DataCheckArguments Parse(IReadOnlyList<string> arguments)
    {
        var parsed = new DataCheckArguments();
        var columnsNamed = false;
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            if (name is "--json" or "--help" or "-h" or "--sort-by-key")
            {
                parsed = name switch
                {
                    "--json" => parsed with { Json = true },
                    "--sort-by-key" => parsed with { Columns = parsed.Columns with { SortByKey = true } },
                    _ => parsed with { Help = true },
                };
                columnsNamed |= name == "--sort-by-key";
                continue;
            }

            if (i + 1 == arguments.Count) throw new ConfigurationException(Messages.UnknownArgument(name));
            var value = arguments[++i];
            columnsNamed |= name is not ("--home" or "--data" or "--set");
            var columns = parsed.Columns;
            parsed = name switch
            {
                "--home" => parsed with { Home = Path.GetFullPath(value) },
                "--data" => parsed with { Data = Path.GetFullPath(value) },
                "--set" => parsed with { Settings = [.. parsed.Settings, value] },
                "--key" => parsed with { Columns = columns with { Key = value } },
                "--label" => parsed with { Columns = columns with { Label = value } },
                "--fold" => parsed with { Columns = columns with { Fold = value } },
                "--categorical" => parsed with { Columns = columns with { Categorical = value.Split(',') } },
                "--exclude" => parsed with { Columns = columns with { Exclude = value.Split(',') } },
                "--key-format" when DataOptions.Formats.ContainsKey(value) => parsed with { Columns = columns with { KeyFormat = value } },
                "--key-format" => throw new ConfigurationException(Messages.MustBeOneOf(value, string.Join(", ", DataOptions.Formats.Keys))),
                _ => throw new ConfigurationException(Messages.UnknownArgument(name)),
            };
        }

        if (parsed.Help) return parsed;
        if (parsed.Home is null ? parsed.Data is null || parsed.Columns.Key.Length == 0 : columnsNamed) throw new ConfigurationException(Messages.DataCheckUsage);
        return parsed;
    }

    /// <summary>What is to be read.</summary>
    /// <exception cref="ConfigurationException">The home folder or its configuration is wrong.</exception>
    public DataSourceOptions ToSource()
    {
        if (Home is null) return (Columns with { Path = Data }).ToSource(Directory.GetCurrentDirectory(), "");
        if (!Directory.Exists(Home)) throw new ConfigurationException(Messages.HomeMissing(Home));
        var path = Path.Combine(Home, ParticipantHome.ConfigurationFileName);
        var (options, source) = LayeredConfiguration.Read<ParticipantOptions>(path, Settings);
        options = options.Validated(source);
        return OwnData.SourceOf(options.Data, Home, path, Data);
    }
}
