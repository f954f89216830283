using System.Globalization;
using FedLab.Cli.Resources;
using FedLab.Proto;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FedLab.Cli.Display;

/// <summary>A lab's containers as a table, in words, and as JSON.</summary>
internal static class ContainerTables
{
    /// <summary>The table.</summary>
    /// <param name="list">The containers.</param>
    /// <param name="time">Clock.</param>
    /// <param name="clock">Time since the start, while the lab is brought up; null otherwise.</param>
    public static Table Create(ContainerList list, TimeProvider time, string? clock = null)
    {
        var title = clock is null ? LabMessages.LabTitle(list.Lab) : LabMessages.LabTitleStarting(list.Lab, clock);
        var table = ReportTables.Create(
            title,
            [LabMessages.ColumnName, LabMessages.ColumnState, LabMessages.ColumnRestarts, LabMessages.ColumnUptime, LabMessages.ColumnProcessors, LabMessages.ColumnMemory, LabMessages.ColumnReceived, LabMessages.ColumnSent],
            leftColumns: 2,
            dense: true);
        foreach (var container in list.Containers)
        {
            table.AddRow(
                new Text(container.Name),
                new Text(State(container), StyleOf(container)),
                new Text(container.Restarts > 0 ? container.Restarts.ToString(CultureInfo.InvariantCulture) : ReportTables.Blank, container.Restarts > 0 ? Styles.Caution : Style.Plain),
                new Text(container.StartedUnixMs > 0 && container.Condition == ContainerCondition.Running ? Formats.Clock(Positive(time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(container.StartedUnixMs))) : ReportTables.Blank),
                new Text(container.Processors >= 0 ? $"{(container.Processors * 100).ToString("F0", CultureInfo.InvariantCulture)} %" : ReportTables.Blank),
                new Text(container.MemoryBytes > 0 ? Formats.Bytes(container.MemoryBytes) : ReportTables.Blank),
                new Text(container.ReceivedBytes > 0 ? Formats.Bytes(container.ReceivedBytes) : ReportTables.Blank),
                new Text(container.SentBytes > 0 ? Formats.Bytes(container.SentBytes) : ReportTables.Blank));
        }
        return table;
    }

    /// <summary>What is not as it should be, one line each.</summary>
    /// <param name="list">The containers.</param>
    public static IEnumerable<IRenderable> Problems(ContainerList list)
    {
        if (list.Problem.Length > 0) yield return new Text(list.Problem, Styles.Bad);
        foreach (var container in list.Containers.Where(container => container.Problem.Length > 0)) yield return new Text($"{container.Name}: {container.Problem}", StyleOf(container));
    }

    /// <summary>Where a container is, in words.</summary>
    /// <param name="container">The container.</param>
    public static string State(ContainerDescription container) =>
        container.Wanted > 1 ? $"{Condition(container)} ({container.Running.ToString(CultureInfo.InvariantCulture)}/{container.Wanted.ToString(CultureInfo.InvariantCulture)})" : Condition(container);

    private static string Condition(ContainerDescription container) => container.Condition switch
    {
        ContainerCondition.Running when container.Health == ContainerHealthState.Unhealthy => LabMessages.StateUnhealthy,
        ContainerCondition.Running when !container.Connected => LabMessages.StateNotConnected,
        ContainerCondition.Running when container.Health == ContainerHealthState.Starting => LabMessages.StateConnected,
        ContainerCondition.Running when container.Health == ContainerHealthState.Healthy => LabMessages.StateHealthy,
        ContainerCondition.Running => LabMessages.StateRunning,
        ContainerCondition.Restarting => LabMessages.StateRestarting,
        ContainerCondition.GivenUp => LabMessages.StateGivenUp,
        _ => LabMessages.StateStarting,
    };

    /// <summary>The containers for programs.</summary>
    /// <param name="list">The containers.</param>
    public static object ToJson(ContainerList list) => new
    {
        lab = list.Lab,
        problem = list.Problem.Length > 0 ? list.Problem : null,
        containers = list.Containers.Select(container => new
        {
            name = container.Name,
            container = container.Container,
            role = container.Role,
            condition = Camel(container.Condition.ToString()),
            health = Camel(container.Health.ToString()),
            connected = container.Connected,
            restarts = container.Restarts,
            running = container.Wanted > 0 ? container.Running : (int?)null,
            wanted = container.Wanted > 0 ? container.Wanted : (int?)null,
            started = container.StartedUnixMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(container.StartedUnixMs).ToString("O", CultureInfo.InvariantCulture) : null,
            problem = container.Problem.Length > 0 ? container.Problem : null,
            processors = container.Processors >= 0 ? Math.Round(container.Processors, 3) : (double?)null,
            memoryBytes = container.MemoryBytes,
            memoryLimitBytes = container.MemoryLimitBytes,
            receivedBytes = container.ReceivedBytes,
            sentBytes = container.SentBytes,
        }).ToArray(),
    };

    private static Style StyleOf(ContainerDescription container) => container switch
    {
        { Condition: ContainerCondition.GivenUp } or { Health: ContainerHealthState.Unhealthy } => Styles.Bad,
        { Condition: ContainerCondition.Restarting } => Styles.Caution,
        { Condition: ContainerCondition.Running, Connected: true, Health: ContainerHealthState.Healthy or ContainerHealthState.None } => Styles.Good,
        _ => Styles.Quiet,
    };

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private static TimeSpan Positive(TimeSpan time) => time < TimeSpan.Zero ? TimeSpan.Zero : time;
}
