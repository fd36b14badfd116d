package org.iommu4j.vfio;

import java.util.Optional;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vfio.process.PageFrames;
import org.iommu4j.vfio.process.UserProcess;
import org.iommu4j.vfio.release.VfioRules;
import org.iommu4j.vfio.type1.Type1Host;
import org.iommu4j.vfio.uapi.Type1Parameters;

/**
 * VFIO on a booted system: hands devices to processes, group by group.
 *
 * <p>As the system's release has it, with the IOMMU driver type1 and the device driver {@code
 * vfio-pci}. Thread-safe.
 *
 * <p>Source: {@code drivers/vfio/vfio.c}.
 */
public final class Vfio {
  private final VfioRules rules;
  private final LinuxSystem system;
  private final PageFrames userFrames;
  private final Type1Parameters type1 = new Type1Parameters();
  private final DriverBindings drivers;

  /**
   * Loads VFIO's modules on a system; devices have the drivers that the machine's facts name.
   *
   * @param machine what the system was booted on
   * @throws IllegalArgumentException if it is not known what VFIO does in the system's release
   */
  public Vfio(Machine machine, LinuxSystem system) {
    this.rules = VfioRules.of(system.rules());
    this.system = system;
    this.userFrames = new PageFrames(system.services().memory(), system.services().frames());
    this.drivers = new DriverBindings(system, machine.pci().devices(), rules);
  }

  /** Returns the system. */
  public LinuxSystem system() {
    return system;
  }

  /** Returns which device is bound to which driver. */
  public DriverBindings drivers() {
    return drivers;
  }

  /** Returns the parameters of the module {@code vfio_iommu_type1}. */
  public Type1Parameters type1Parameters() {
    return type1;
  }

  /** Returns what drivers in the kernel may do with the memory of a device's owner. */
  public PagePinning pinning() {
    return new PagePinning(this);
  }

  /** Returns the page frames that processes use. */
  public PageFrames userFrames() {
    return userFrames;
  }

  /** Starts a process without privilege and without memory. */
  public UserProcess startProcess(String name) {
    return new UserProcess(name, userFrames, rules.memlockBytes());
  }

  /** Opens {@code /dev/vfio/vfio}. */
  public VfioContainer openContainer() {
    return new VfioContainer(this);
  }

  /**
   * Opens {@code /dev/vfio/N}.
   *
   * <p>Source: {@code drivers/vfio/vfio.c:vfio_group_fops_open}.
   *
   * @return the group; -ENOENT if no device of it is bound to a VFIO driver; -EBUSY if it is open
   *     or still in a container
   */
  public OpenResult<VfioGroup> openGroup(int number) {
    Optional<GroupState> known = drivers.group(number);
    if (known.isEmpty()) {
      return OpenResult.failed(Errno.ENOENT);
    }
    int error = known.get().open();
    return error == 0 ? OpenResult.of(new VfioGroup(this, known.get())) : OpenResult.failed(error);
  }

  /** Opens the group that a device is in, as {@link #openGroup}; -ENOENT if it is in none. */
  public OpenResult<VfioGroup> openGroupOf(PciAddress device) {
    return system
        .iommu()
        .group(device)
        .map(IommuGroup::id)
        .map(this::openGroup)
        .orElse(OpenResult.failed(Errno.ENOENT));
  }

  Type1Host type1Host() {
    return new Type1Host(
        rules.type1(),
        system.iommu(),
        type1,
        system.services().frames(),
        userFrames,
        system.services().log());
  }
}
