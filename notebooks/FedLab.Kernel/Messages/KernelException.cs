namespace FedLab.Kernel.Messages;

/// <summary>The kernel cannot start or be installed; the message is for the person who tried, in the current UI culture.</summary>
/// <param name="message">What is wrong, where and what to do.</param>
internal sealed class KernelException(string message) : Exception(message);
