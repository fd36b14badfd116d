package org.iommu4j.testkit.contract;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iommu.spi.VendorParameters;
import org.jspecify.annotations.Nullable;

/** A vendor whose driver's calls are noted. Not thread-safe. */
final class DriverCalls implements IommuVendor {
  private final IommuVendor vendor;
  private final List<String> names = new ArrayList<>();
  private @Nullable IommuDriver driver;

  DriverCalls(IommuVendor vendor) {
    this.vendor = vendor;
  }

  /** Returns the names of the methods that were called, in order. */
  List<String> names() {
    return names;
  }

  /** Returns the driver that was made last. */
  IommuDriver driver() {
    return Objects.requireNonNull(driver, "the machine was booted");
  }

  @Override
  public String name() {
    return vendor.name();
  }

  @Override
  public VendorParameters parameters() {
    return vendor.parameters();
  }

  @Override
  public IommuDriver driver(BootContext context) {
    IommuDriver made = vendor.driver(context);
    driver = made;
    names.clear();
    return (IommuDriver)
        Proxy.newProxyInstance(
            IommuDriver.class.getClassLoader(),
            new Class<?>[] {IommuDriver.class},
            (proxy, method, arguments) -> call(made, method, arguments));
  }

  private @Nullable Object call(IommuDriver made, Method method, Object @Nullable [] arguments)
      throws Throwable {
    names.add(method.getName());
    try {
      return method.invoke(made, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }
}
