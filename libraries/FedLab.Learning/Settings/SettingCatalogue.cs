namespace FedLab.Learning;

/// <summary>All settings of a learner, read and written by name.</summary>
/// <typeparam name="T">The record that holds the values.</typeparam>
/// <param name="settings">The settings in the order in which they are written.</param>
/// <param name="namesElsewhere">What users of other software write for settings whose name here is not the nearest by letters.</param>
internal sealed class SettingCatalogue<T>(IReadOnlyList<Setting<T>> settings, IReadOnlyDictionary<string, string> namesElsewhere)
{
    public IReadOnlyCollection<string> Names { get; } = [.. settings.Select(setting => setting.Name)];

    /// <exception cref="LearningException">A setting is out of range.</exception>
    public void Validate(T parameters)
    {
        foreach (var setting in settings)
            setting.Check(parameters);
    }

    /// <summary>Reads settings by name.</summary>
    /// <param name="defaults">What is not given.</param>
    /// <param name="values">The settings.</param>
    /// <param name="beside">Names of settings that somebody else reads and a user may have meant.</param>
    /// <exception cref="LearningException">A name is unknown, or a value is malformed or out of range.</exception>
    public T Parse(T defaults, IReadOnlyDictionary<string, string> values, IReadOnlyCollection<string> beside)
    {
        ArgumentNullException.ThrowIfNull(values);
        var parameters = defaults;

        // In order of names, so that of several errors always the same one is reported.
        foreach (var (name, value) in values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var setting = settings.FirstOrDefault(candidate => candidate.Name.Equals(name, StringComparison.Ordinal))
                ?? throw Unknown(name, [.. Names, .. beside]);
            parameters = setting.Read(parameters, (value ?? "").Trim());
        }

        Validate(parameters);
        return parameters;
    }

    public IReadOnlyDictionary<string, string> Write(T parameters) =>
        settings.ToDictionary(setting => setting.Name, setting => setting.Write(parameters), StringComparer.Ordinal);

    private LearningException Unknown(string name, IReadOnlyCollection<string> known)
    {
        var (shown, names) = (SettingText.Shorten(name), string.Join(", ", known));
        var spelled = shown.Trim().Replace('_', '-').ToLowerInvariant();
        return (namesElsewhere.GetValueOrDefault(spelled) ?? NearestName.Of(spelled, known)) is { } near ? Messages.SettingUnknownNear(shown, near, names) : Messages.SettingUnknown(shown, names);
    }
}
